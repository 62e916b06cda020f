"""Readiness: what must be true before a package may go, one small pure class per gate."""
