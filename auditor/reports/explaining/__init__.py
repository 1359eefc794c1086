"""Explanations as bytes: a page for people, and JSON."""
