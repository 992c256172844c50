"""Alert rules of a Prometheus as rules and signals of Pitwall, wherever their meaning can be kept."""
