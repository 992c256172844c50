"""Programs that run other products in environments of their own: they import nothing of this repository."""
