"""What the benchmarks share: results, a server to measure, and traffic to send it."""
