"""The detectors that come with Pitwall."""
