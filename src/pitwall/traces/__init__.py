"""Traces, sessions and users: lists with filters and full text, one trace with all that belongs to it."""
