"""Results of other tools as runs: their scores beside ours, never mixed up with them."""
