"""Metrics: one judgement of one case, each with its version, direction, range and what it needs."""
