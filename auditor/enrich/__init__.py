"""Canonical events → events with facts: one step per file, an ordered tuple of steps."""
