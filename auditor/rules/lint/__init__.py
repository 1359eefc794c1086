"""Checks of rule files beyond what loading refuses: one concern per module, one table of checks."""
