"""Saved views: what somebody looked at on a page, under a name that the team shares."""
