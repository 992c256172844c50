"""Changes: what people and pipelines say they changed, beside what telemetry shows for the first time."""
