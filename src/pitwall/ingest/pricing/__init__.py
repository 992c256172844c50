"""What a model call costs: the price book, the user's own prices, and the tables the mapping looks them up
in.
"""
