"""Synthetic logs with planted, known violations; built apart from the engine that they test."""
