"""Feedback of users on answers."""
