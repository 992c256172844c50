"""Boards: which signals a team looks at together, from packs or saved by the team."""
