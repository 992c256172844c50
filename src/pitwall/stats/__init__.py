"""Statistics that know nothing of the product: numbers in, numbers out, no I/O and no clock."""
