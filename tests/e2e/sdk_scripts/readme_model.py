"""`ask_model` of the README's example: the user's own code, here a call of the simulated model server."""

from __future__ import annotations

import json
import os
import urllib.request


def ask_model(question: str) -> str:
    """The model's answer."""
    body = {"model": "qwen2.5:7b", "messages": [{"role": "user", "content": question}], "stream": False}
    request = urllib.request.Request(
        os.environ["MODEL_URL"] + "/api/chat", json.dumps(body).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return str(json.load(answer)["message"]["content"])
