"""Dead letters: what could not be stored, with its reason, kept so that a person can send it again."""
