"""Evaluations: datasets, metrics, judges, runs, comparisons and gates, and how far a judge can be trusted."""
