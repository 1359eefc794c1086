"""Shipped registries: data centres, groups of countries, vendors' opt-in codes."""
