"""The command line: one command per file; the only place for click, the clock and exit codes."""
