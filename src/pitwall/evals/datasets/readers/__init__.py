"""Readers of files: each yields records, one after the other, with the place where each stands."""
