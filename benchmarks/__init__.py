"""What Pitwall measures about itself; `python benchmarks/run.py --list` names every step."""
