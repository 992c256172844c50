"""Evaluation of live traffic: rules that score a sample of traces."""
