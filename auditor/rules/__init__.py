"""Rules: YAML files → typed predicates → Polars expressions."""
