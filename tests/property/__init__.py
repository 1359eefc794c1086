"""Properties of whole audits, checked on random logs."""
