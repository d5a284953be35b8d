"""Benchmarks: each is one command, and writes what it found as a table."""
