"""Text of answers and contexts, Korean and English: tokens, sentences, numbers with units, entities."""
