"""The report for a person at a terminal: one section per file."""
