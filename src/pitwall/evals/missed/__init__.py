"""Questions that were not answered well in production, the most frequent first."""
