"""What could be saved: one module for each kind of advice, pure computation over what was fetched."""
