"""A second auditor in plain Python over dicts, written from the design and nothing else."""
