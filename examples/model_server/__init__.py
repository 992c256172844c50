"""A model server that simulates Ollama's and OpenAI's APIs offline, with faults that can be switched on.

It is **not a language model**. Answers are sentences copied from the context in the prompt, embeddings are
hashed character n-grams, token counts follow the rule in `text.py` and latency is drawn from a stated
distribution. Every response carries `x-simulated: true`.
"""
