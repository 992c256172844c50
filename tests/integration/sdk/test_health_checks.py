"""The ready-made checks against real services: what is there, what is missing, what is down."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Awaitable, Iterator, Sequence
from inspect import isawaitable
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

import pitwall
from pitwall.core.errors import InvalidInput
from pitwall.sdk.health.types import Check
from tests.support.services import (
    free_port,
    running_chroma,
    running_postgres,
    running_redis,
    running_simulator,
)

MODEL = "qwen2.5:7b"
EMBEDDER = "bge-m3:latest"
GPU_LINES = "0, NVIDIA A10, 35, 20480, 23028, 61\n1, NVIDIA A10, [N/A], 100, 23028, [N/A]\n"


def found(check: Check) -> pitwall.CheckResult:
    """What a check says, run as the endpoint runs it."""
    answer = check()
    result = asyncio.run(_waited(answer)) if isawaitable(answer) else answer
    assert isinstance(result, pitwall.CheckResult)
    return result


async def _waited(answer: Awaitable[Any]) -> Any:
    return await answer


def is_down(check: Check) -> str:
    """The message of a check whose service does not answer."""
    with pytest.raises((OSError, psycopg.OperationalError)) as caught:
        check()
    return str(caught.value)


@pytest.fixture(scope="module")
def models() -> Iterator[str]:
    with running_simulator("--model", MODEL, "--embed-model", EMBEDDER) as url:
        yield url


def test_ollama_has_the_model(models: str) -> None:
    """The model that the application calls, by name and tag."""
    result = found(pitwall.check_ollama(models, MODEL))
    assert result.status == "ok"
    assert MODEL in result.details["installed"]


def test_ollama_lacks_the_model(models: str) -> None:
    """A wrong tag is found before a user finds it; without a tag it is `:latest`."""
    result = found(pitwall.check_ollama(models, "qwen2.5"))
    assert (result.status, result.message) == ("failed", "model qwen2.5 is not installed")


def test_model_that_is_not_in_memory_is_degraded(models: str) -> None:
    """The next call works, but will be slow; once it is loaded all is well."""
    check = pitwall.check_ollama(models, MODEL, must_be_loaded=True)
    before = found(check)
    assert (before.status, before.message) == ("degraded", f"{MODEL} is not in memory")
    question = {"model": MODEL, "messages": [{"role": "user", "content": "hello"}], "stream": False}
    httpx.post(f"{models}/api/chat", json=question, trust_env=False).raise_for_status()
    assert (found(check).status, found(check).details["loaded"]) == ("ok", [MODEL])


def test_openai_server_has_the_model(models: str) -> None:
    """The list of models is asked for with the key."""
    assert found(pitwall.check_openai(f"{models}/v1", MODEL, api_key="k")).status == "ok"
    missing = found(pitwall.check_openai(f"{models}/v1/", "gpt-9"))
    assert (missing.status, missing.message) == ("failed", "model gpt-9 is not served")
    wrong = found(pitwall.check_openai(f"{models}/nothing-here"))
    assert (wrong.status, wrong.message[:8]) == ("failed", "HTTP 404")


@pytest.mark.parametrize("make", [pitwall.check_ollama, pitwall.check_openai, pitwall.check_chroma])
def test_service_that_is_down_is_named(make: Any) -> None:
    """The message has the address without the password in it."""
    port = free_port()
    message = is_down(make(f"http://user:hunter2@127.0.0.1:{port}"))
    assert message.startswith(f"http://127.0.0.1:{port}: ")
    assert "hunter2" not in message


@pytest.mark.parametrize("address", ["127.0.0.1:11434", "ftp://h", "http://"])
def test_address_of_no_service_is_refused_at_once(address: str) -> None:
    """When the application starts, not when somebody looks at its health."""
    with pytest.raises(InvalidInput, match="no address"):
        pitwall.check_ollama(address)


def test_embedding_is_judged_by_its_vector(models: str) -> None:
    """The application's own function, plain or async, against the model server."""

    def embed(text: str) -> Sequence[float]:
        body = {"model": EMBEDDER, "input": text}
        answer = httpx.post(f"{models}/api/embed", json=body, trust_env=False).json()
        vector: list[float] = answer["embeddings"][0]
        return vector

    async def embed_later(text: str) -> Sequence[float]:
        return await asyncio.to_thread(embed, text)

    size = len(embed("x"))
    assert found(pitwall.check_embedding(embed, size)).details == {"dimension": size}
    assert found(pitwall.check_embedding(embed_later)).status == "ok"
    wrong = found(pitwall.check_embedding(embed, size + 1))
    assert wrong.message == f"the vector has {size} dimensions instead of {size + 1}"
    assert found(pitwall.check_embedding(lambda text: [0.0, 0.0])).status == "failed"
    assert found(pitwall.check_embedding(lambda text: [])).status == "failed"


def test_chroma_holds_the_collection() -> None:
    """Heartbeat, collection and number of records of a real server."""
    with running_chroma() as url:
        base = f"{url}/api/v2/tenants/default_tenant/databases/default_database/collections"
        made = httpx.post(base, json={"name": "faq"}, trust_env=False).raise_for_status().json()
        assert found(pitwall.check_chroma(url)).status == "ok"
        empty = found(pitwall.check_chroma(url, "faq"))
        assert (empty.status, empty.details) == ("failed", {"count": 0})
        records = {"ids": ["a", "b"], "embeddings": [[0.1, 0.2], [0.3, 0.4]], "documents": ["x", "y"]}
        httpx.post(f"{base}/{made['id']}/add", json=records, trust_env=False).raise_for_status()
        assert found(pitwall.check_chroma(url, "faq")).details == {"count": 2}
        missing = found(pitwall.check_chroma(url, "manuals"))
        assert (missing.status, missing.message[:29]) == ("failed", "collection manuals: HTTP 404:")


class _Client:
    """The three methods of a chromadb client that are used."""

    def heartbeat(self) -> int:
        return 1

    def get_collection(self, name: str) -> _Client:
        if name != "faq":
            raise ValueError(f"Collection [{name}] does not exist")
        return self

    def count(self) -> int:
        return 7


def test_chroma_client_of_the_application_is_used() -> None:
    """An embedded store has no address."""
    assert found(pitwall.check_chroma(_Client(), "faq")).details == {"count": 7}
    assert found(pitwall.check_chroma(_Client(), "faq", min_count=8)).status == "failed"


def test_redis_answers() -> None:
    """With and without a password; what Redis refuses is told in its words."""
    with running_redis() as port:
        assert found(pitwall.check_redis(f"redis://127.0.0.1:{port}/0")).status == "ok"
    with running_redis(password="s3cret?") as port:
        assert found(pitwall.check_redis(f"redis://:s3cret%3F@127.0.0.1:{port}")).status == "ok"
        refused = found(pitwall.check_redis(f"redis://127.0.0.1:{port}"))
        assert (refused.status, refused.message) == ("failed", "NOAUTH Authentication required.")
        wrong = found(pitwall.check_redis(f"redis://:guess@127.0.0.1:{port}"))
        assert (wrong.status, wrong.message[:9]) == ("failed", "WRONGPASS")
    assert "refused" in is_down(pitwall.check_redis(f"redis://127.0.0.1:{port}"))


def test_postgres_lets_the_application_in() -> None:
    """A query of a real server; a database that does not exist is a failure."""
    with running_postgres() as url:
        result = found(pitwall.check_postgres(url))
        assert (result.status, result.details["version"][:2].isdigit()) == ("ok", True)
        assert "does not exist" in is_down(pitwall.check_postgres(f"{url}-of-nobody"))
    assert "refused" in is_down(pitwall.check_postgres(url))


@pytest.mark.parametrize(
    ("output", "code", "status", "message"),
    [
        (GPU_LINES, 0, "ok", ""),
        (GPU_LINES.replace("20480", "23000"), 0, "degraded", "GPU 0 has 100% of its memory in use"),
        (GPU_LINES.replace("61", "95"), 0, "degraded", "GPU 0 is at 95 °C"),
        ("", 0, "failed", "no GPU is visible"),
        (
            "NVIDIA-SMI has failed because it couldn't talk to the driver.\n",
            9,
            "failed",
            "NVIDIA-SMI has failed",
        ),
    ],
)
def test_gpu_is_judged_by_what_the_driver_says(
    tmp_path: Path, output: str, code: int, status: str, message: str
) -> None:
    """A program that prints what nvidia-smi prints; what a card does not tell is unknown, not 0."""
    program = tmp_path / "nvidia-smi"
    program.write_text(f"#!/bin/sh\nprintf '%s' \"{output}\"\nexit {code}\n", "utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    result = found(pitwall.check_gpu(command=str(program)))
    assert (result.status, result.message[: len(message)]) == (status, message)
    if status == "ok":
        assert result.details["gpus"][1]["utilization_percent"] is None
        assert result.details["gpus"][0]["memory_used_mib"] == 20480


def test_machine_without_a_driver_has_no_gpu() -> None:
    """Said in words instead of a traceback."""
    result = found(pitwall.check_gpu(command="nvidia-smi-that-is-not-there"))
    assert (result.status, result.message) == ("failed", "nvidia-smi-that-is-not-there is not installed")


def test_disk_is_judged_by_what_is_free(tmp_path: Path) -> None:
    """The same disk is fine, degraded or failed by the limits."""
    limits = [(0.0, 0.0), (0.0, 1.0), (1.0, 1.0)]
    results = [found(pitwall.check_disk(tmp_path, *pair)) for pair in limits]
    assert [result.status for result in results] == ["ok", "degraded", "failed"]
    assert 0 < results[0].details["free_bytes"] < results[0].details["total_bytes"]
    assert str(tmp_path) in results[2].message
