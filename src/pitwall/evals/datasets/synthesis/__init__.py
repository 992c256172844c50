"""Questions that a model makes of documents, each with its answer and the words that it rests on."""
