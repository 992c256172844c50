"""How well the anomaly detectors find what people labelled, and how often they cry wolf."""
