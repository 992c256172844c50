"""How well offline groundedness agrees with people who labelled what is supported by its evidence."""
