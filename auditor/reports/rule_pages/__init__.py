"""Pages on rules: for a terminal, and as Markdown."""
