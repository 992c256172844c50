"""Probes: Pitwall asks services by schedule whether they work, and records what it found as signals."""
