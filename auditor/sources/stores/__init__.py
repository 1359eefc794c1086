"""Logs in object stores: which objects a place means, and their bytes as far as they are needed."""
