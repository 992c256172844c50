"""The HTTP client of the command line: problems become the errors they came from."""

from __future__ import annotations

import io
from pathlib import Path

import httpx
import orjson
import pytest

from pitwall.access.client import ApiClient
from pitwall.core.errors import (
    Conflict,
    InvalidInput,
    LimitExceeded,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    PitwallError,
    Unavailable,
)
from pitwall.server.problems import problem_response

KINDS = [
    PitwallError,
    InvalidInput,
    NotAuthenticated,
    NotPermitted,
    NotFound,
    Conflict,
    LimitExceeded,
    Unavailable,
]


def client_of(status: int, content: bytes) -> ApiClient:
    """Return a client whose server always answers the same."""
    return ApiClient(
        "http://127.0.0.1:1/",
        "key",
        transport=httpx.MockTransport(lambda _request: httpx.Response(status, content=content)),
    )


@pytest.mark.parametrize("kind", KINDS)
def test_error_arrives_as_the_kind_that_was_raised(kind: type[PitwallError]) -> None:
    """Kind, message, code, hint and details survive the way through HTTP, and with the kind the exit code."""
    error = kind("What happened.", code="thing.problem", hint="The way out.", details={"n": 1})
    sent = problem_response(error, "req-1")
    with pytest.raises(PitwallError) as caught, client_of(sent.status_code, bytes(sent.body)) as client:
        client.get("/api/v1/thing")
    got = caught.value
    assert type(got) is kind
    assert (got.message, got.code, got.hint, got.details) == (
        error.message,
        error.code,
        error.hint,
        error.details,
    )


@pytest.mark.parametrize(("status", "kind"), [(502, Unavailable), (404, NotFound), (500, PitwallError)])
def test_answer_that_is_no_problem_keeps_its_status(status: int, kind: type[PitwallError]) -> None:
    """A proxy's error page becomes an error of its status."""
    with pytest.raises(kind, match=str(status)), client_of(status, b"<html>") as client:
        client.get("/api/v1/thing")


def test_success_that_is_not_json_is_not_pitwall() -> None:
    """Some other server at the address is told from ours."""
    with pytest.raises(Unavailable, match="not JSON"), client_of(200, b"<html>") as client:
        client.get("/")


def test_request_carries_key_query_and_body() -> None:
    """The key goes as Bearer, absent parameters are left out, bodies are JSON."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(204)

    with ApiClient("http://127.0.0.1:1/", "key", transport=httpx.MockTransport(answer)) as client:
        assert client.post("/api/v1/x", {"이름": 1}, {"a": None, "b": 2}) is None
    (request,) = seen
    assert str(request.url) == "http://127.0.0.1:1/api/v1/x?b=2"
    assert request.headers["authorization"] == "Bearer key"
    assert orjson.loads(request.content) == {"이름": 1}


def test_file_goes_up_in_pieces() -> None:
    """Its bytes are the body; an answer that is a problem becomes its error."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(201, json={"ok": True})

    with ApiClient("http://127.0.0.1:1/", transport=httpx.MockTransport(answer)) as client:
        assert client.upload("/x", iter([b"one", b"two"]), {"a": 1, "b": None}, timeout_seconds=5) == {
            "ok": True
        }
    (request,) = seen
    assert (request.method, str(request.url), request.content) == (
        "POST",
        "http://127.0.0.1:1/x?a=1",
        b"onetwo",
    )
    with pytest.raises(NotFound), client_of(404, b"<html>") as client:
        client.upload("/x", iter([b""]), {}, timeout_seconds=5)


def test_file_comes_down_or_its_problem_is_told() -> None:
    """Nothing is written of an answer that is an error."""
    into = io.BytesIO()
    with client_of(200, b"whole") as client:
        client.download("/x", {}, into, timeout_seconds=5)
    assert into.getvalue() == b"whole"
    nothing = io.BytesIO()
    with pytest.raises(NotFound), client_of(404, b"<html>") as client:
        client.download("/x", {}, nothing, timeout_seconds=5)
    assert nothing.getvalue() == b""


@pytest.mark.parametrize(
    ("url", "reads"),
    [("http://127.0.0.1:1", False), ("https://127.0.0.1:1", True), ("http://pit.example", True)],
)
def test_certificates_are_read_only_where_one_may_be_shown(url: str, reads: bool) -> None:
    """A command that asks the server on this machine over HTTP does not pay for them."""
    transport = ApiClient(url)._client._transport
    assert isinstance(transport, httpx.HTTPTransport)
    trusted = transport._pool._ssl_context
    assert trusted is not None
    assert bool(trusted.cert_store_stats()["x509_ca"]) is reads


def test_no_server_is_none(tmp_path: Path) -> None:
    """Without a server on the directory there is nobody to talk to, which is no error yet."""
    assert ApiClient.find(data_dir=tmp_path) is None


@pytest.mark.parametrize("url", ["127.0.0.1:8400", "ftp://x", ""])
def test_what_is_no_url_is_refused_with_an_example(url: str) -> None:
    """An address without its scheme is the usual mistake; the hint shows a whole one."""
    with pytest.raises(InvalidInput, match="http://127.0.0.1:8400"):
        ApiClient.find(url=url)
