"""Unmodified client packages work with the simulator by changing only the address."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
CLIENT_PYTHON = ROOT / ".venvs" / "otel-openai" / "bin" / "python"
OPENAI_SCRIPT = """
import json, openai
client = openai.OpenAI(api_key="unused", max_retries=0)
context = "The sky is blue today. Grass is green."
messages = [{"role": "user", "content": context + "\\n\\nIs the sky blue?"}]
whole = client.chat.completions.create(model="qwen2.5:7b", messages=messages)
chunks = list(client.chat.completions.create(
    model="qwen2.5:7b", messages=messages, stream=True, stream_options={"include_usage": True}))
vector = client.embeddings.create(model="bge-m3", input=["sky"]).data[0].embedding
try:
    client.chat.completions.create(model="no-such-model", messages=messages)
except openai.NotFoundError as error:
    code = error.code
print(json.dumps({
    "whole": whole.choices[0].message.content,
    "stream": "".join(c.choices[0].delta.content or "" for c in chunks if c.choices),
    "usage": [whole.usage.total_tokens, chunks[-1].usage.total_tokens],
    "models": [m.id for m in client.models.list()],
    "norm": sum(v * v for v in vector),
    "code": code,
}))
"""


@pytest.mark.sdk_env
@pytest.mark.skipif(
    not CLIENT_PYTHON.exists() and not os.environ.get("CI"),
    reason="needs .venvs/otel-openai; `make setup-sdk-envs` creates it",
)
def test_openai_package_chats_streams_and_embeds(simulator_url: str) -> None:
    """The real `openai` package reads answers, streams, usage, vectors (as base64), models and errors."""
    env = {**os.environ, "OPENAI_BASE_URL": f"{simulator_url}/v1"}
    command = [str(CLIENT_PYTHON), "-c", OPENAI_SCRIPT]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["whole"] == seen["stream"] == "The sky is blue today."
    assert seen["usage"][0] == seen["usage"][1] > 0
    assert "qwen2.5:7b" in seen["models"]
    assert seen["norm"] == pytest.approx(1.0, abs=1e-4)
    assert seen["code"] == "model_not_found"
