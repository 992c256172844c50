"""Stored spans mapped or priced again, after the mapping or the price book changed."""
