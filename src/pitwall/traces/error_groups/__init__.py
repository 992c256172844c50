"""Errors that are alike as one thing: since when, how often, whether new or back, whom they hit."""
