"""auditor: compliance audit of meeting-routing logs on Polars."""

__version__ = "0.1.0"
