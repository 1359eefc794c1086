"""Rows told apart by what their outcomes depend on, so that equal ones are decided once."""
