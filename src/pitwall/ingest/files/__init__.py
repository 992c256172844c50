"""Files as a door: JSONL events, OTLP/JSON lines and CSV, imported once and followed while they grow."""
