"""Composes the plan of an audit and runs it: the only package that collects."""
