"""The command line: wiring only; the commands live with their features."""
