"""Execution: package, plan, go, validate, back out, close."""
