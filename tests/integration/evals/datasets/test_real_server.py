"""Traces that a real application sent become examples of a real server; files go in without one, too."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from tests.integration.server.processes import COMMAND, MakeServer, Server

_APPLICATION = """
import pitwall

client = pitwall.init(service="voc-chat", version="1.8")


@pitwall.observe(kind="chain")
def answer(question: str) -> str:
    with pitwall.retrieval(query=question, top_k=2) as search:
        search.set_documents([{"id": "faq-7", "content": "환불은 3일 안에 처리됩니다.", "score": 0.9}])
    with pitwall.llm_call(model="qwen2.5:7b", provider="ollama", input=question) as call:
        call.set_output("3일 안에 처리됩니다.").set_usage(input_tokens=40, output_tokens=12)
    return "3일 안에 처리됩니다."


for number in range(3):
    with pitwall.request_context(session_id=f"s-{number}"):
        answer(f"{number}번 주문의 환불은 며칠 걸리나요? 연락처는 010-1234-5678")
assert client.flush()
"""

_SPANS = 9  # three answers of three spans


def _run(*arguments: str) -> str:
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _send(server: Server, folder: Path) -> None:
    """Run the application with the SDK that these tests are about."""
    script = folder / "application.py"
    script.write_text(_APPLICATION, "utf-8")
    environ = {**os.environ, "PITWALL_ENDPOINT": server.url}
    subprocess.run([COMMAND[0], str(script)], check=True, env=environ, timeout=60)
    deadline = time.monotonic() + 30
    while httpx.get(f"{server.url}/api/v1/status", trust_env=False).json()["spans_total"] < _SPANS:
        assert time.monotonic() < deadline, "the spans are not stored"
        time.sleep(0.1)


@pytest.mark.slow
def test_traces_of_an_application_become_a_dataset(make_server: MakeServer, tmp_path: Path) -> None:
    """With what was found, what it cost, and the ids that lead back; masked texts stay masked."""
    server = make_server(environ={"PITWALL_MASKING__RULES": "secrets,phone"}).start()
    _send(server, tmp_path)
    made = json.loads(
        _run(
            *("datasets", "from-traces", "voc", "--since", "1h", "--filter", "service:eq:voc-chat"),
            *("--sample", "2", "--seed", "3", "--output", "json", "--url", server.url),
        )
    )
    assert (made["considered"], made["added"], made["version"]["number"]) == (2, 2, 1)
    lines = _run("datasets", "export", "voc", "--url", server.url).splitlines()
    for line in lines:
        example = json.loads(line)
        assert "환불은 며칠 걸리나요?" in example["question"]
        assert "010-1234-5678" not in line
        assert example["language"] == "ko"
        assert example["answer"]["text"] == "3일 안에 처리됩니다."
        (context,) = example["answer"]["contexts"]
        assert (context["id"], context["text"]) == ("faq-7", "환불은 3일 안에 처리됩니다.")
        assert (example["answer"]["input_tokens"], example["group"][:2]) == (40, "s-")
        address = f"{server.url}/api/v1/traces/{example['trace_id']}/spans/{example['span_id']}"
        assert httpx.get(address, trust_env=False).status_code == 200


@pytest.mark.slow
def test_file_is_imported_with_and_without_a_server(make_server: MakeServer, tmp_path: Path) -> None:
    """Into a data directory that did not exist, then through the server that runs on it."""
    data_dir = tmp_path / "data"
    file = tmp_path / "qa.jsonl"
    rows = ({"id": str(number), "question": f"질문 {number}?"} for number in range(5_000))
    file.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    where = ("--data-dir", str(data_dir), "--output", "json")
    first = json.loads(_run("datasets", "import", str(file), *where))
    assert (first["is_new"], first["version"]["example_count"]) == (True, 5_000)
    make_server(data_dir=data_dir).start()
    second = json.loads(_run("datasets", "import", str(file), *where))
    assert (second["is_new"], second["version"]["id"]) == (False, first["version"]["id"])
    assert not list((data_dir / "scratch").iterdir())
