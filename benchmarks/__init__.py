"""Benchmarks: the audit beside what an expert would write by hand, as whole processes."""
