"""Benchmarks: `make bench`. They print figures and judge nothing; see docs/performance.md."""
