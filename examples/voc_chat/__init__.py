"""VOC chat: a small, real RAG service that answers customers' questions from a shop's documents.

FastAPI, Chroma, and Ollama or any OpenAI-compatible model; instrumented with the Pitwall SDK.
"""
