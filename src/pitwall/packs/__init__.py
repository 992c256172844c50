"""Packs: what Pitwall watches, declared in YAML; the core pack needs no configuration."""
