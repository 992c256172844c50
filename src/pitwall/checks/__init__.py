"""Checklists: what operations look at every day and week, at a deploy and at a release."""
