"""Analyses as pages to read: deterministic, from their written form."""
