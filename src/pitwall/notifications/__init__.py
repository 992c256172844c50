"""Notifications: who is told of alerts, when, how, and what became of it."""
