"""Departures of a series from what is usual for it: detectors, explanations, back-tests; no I/O."""
