"""Signals: named series of telemetry, one value per window and label set, with its count and band."""
