"""What Langfuse SDKs send besides OTLP: scores, the older batches of observations, questions at start."""
