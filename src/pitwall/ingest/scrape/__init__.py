"""Prometheus pages that Pitwall reads itself: their samples become points like any others."""
