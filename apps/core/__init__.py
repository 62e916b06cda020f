"""Shared kernel without business words: actor, blocker, refusal, clock, jobs, moves."""
