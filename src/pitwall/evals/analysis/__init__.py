"""What a run says beyond its means: where it is weak, what goes with it, and a report of it."""
