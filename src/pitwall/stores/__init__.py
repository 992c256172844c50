"""Stores: telemetry (the engine and its write-ahead log) and state (everything people make and decide)."""
