"""Alerts: rules over signals, the state of each label set, and events that tell what changed."""
