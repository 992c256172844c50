"""Contexts for questions out of documents, without a service: lexical, by vectors, or both."""
