"""Benchmarks: each against a baseline in the same run, as a ratio. `make bench` runs them all."""
