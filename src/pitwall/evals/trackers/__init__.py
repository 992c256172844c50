"""Sending runs out to trackers: Langfuse, Phoenix and MLflow."""
