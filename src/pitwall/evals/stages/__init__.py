"""Stages: what each step of a RAG pipeline did in a run, told by events and by spans, and what to improve."""
