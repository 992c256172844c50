"""Live events of a real server: what a page hears, and how a stream ends."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.integration.server.processes import MakeServer, Server, run_command
from tests.support.telemetry import SPANS_PER_TRACE, TraceBatch

OTLP = {"content-type": "application/x-protobuf"}


def events(response: httpx.Response) -> Iterator[tuple[str, Any]]:
    """Name and data of every event until the stream ends; comments and `retry` are not events."""
    name = ""
    for line in response.iter_lines():
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, json.loads(value)


def next_event(stream: Iterator[tuple[str, Any]], wanted: str) -> Any:
    """The data of the next event of a name; there is one every few seconds, so a lack ends by time-out."""
    return next(data for name, data in stream if name == wanted)


def listen(server: Server, path: str = "/api/v1/live", **options: Any) -> Any:
    return httpx.stream("GET", server.url + path, timeout=20, trust_env=False, **options)


def test_page_hears_of_a_new_trace(make_server: MakeServer) -> None:
    """Who speaks and how fresh it is at once; a trace that is sent then comes whole within seconds."""
    server = make_server().start()
    with listen(server) as response:
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert (response.headers["cache-control"], response.headers["x-accel-buffering"]) == (
            "no-store",
            "no",
        )
        stream = events(response)
        name, hello = next(stream)
        status = httpx.get(f"{server.url}/api/v1/status", trust_env=False).json()
        assert (name, hello) == ("hello", {key: status[key] for key in ("version", "started_at")})
        name, freshness = next(stream)
        assert (name, freshness["last_received_at"]) == ("freshness", None)
        sent = httpx.post(
            f"{server.url}/v1/traces", content=TraceBatch(traces=1).encode(), headers=OTLP, trust_env=False
        )
        assert sent.status_code == 200
        (trace,) = next_event(stream, "traces")["traces"]
        assert (trace["name"], trace["span_count"], trace["root"]) == ("chat", SPANS_PER_TRACE, True)
    told = httpx.get(f"{server.url}/api/v1/freshness", trust_env=False).json()
    assert set(told) == set(freshness)
    assert told["last_received_at"] is not None


def test_server_that_stops_ends_its_streams_at_once(make_server: MakeServer) -> None:
    """An open page neither holds the stop up nor sees a broken answer: the stream comes to its end."""
    server = make_server().start()
    with listen(server) as response, listen(server) as other:
        streams = [events(response), events(other)]
        for stream in streams:
            next_event(stream, "freshness")
        began = time.monotonic()
        code, stderr = server.stop()
        took = time.monotonic() - began
        for stream in streams:
            assert [name for name, _ in stream if name not in ("freshness", "window")] == []
    assert code == 0
    assert took < 4, f"the stop took {took:.1f} s"
    assert "[error" not in stderr


def test_logged_in_browser_listens_by_its_cookie(make_server: MakeServer) -> None:
    """A browser cannot add a header to an event stream; its session opens it, and only its own project."""
    server = make_server(environ={"PITWALL_ACCESS__ANONYMOUS": "never"})
    at = ("--data-dir", str(server.data_dir))
    made = run_command("keys", "create", "--name", "page", "--project", "shop", "--scopes", "read", *at)
    server.start()
    assert httpx.get(f"{server.url}/api/v1/live", trust_env=False).status_code == 401
    with httpx.Client(base_url=server.url, trust_env=False, timeout=20) as browser:
        answer = browser.post("/api/v1/session", json={"key": made.stdout.strip()})
        assert answer.json()["principal"]["project"] == "shop"
        with browser.stream("GET", "/api/v1/live") as response:
            assert next_event(events(response), "freshness")["last_received_at"] is None
        assert browser.get("/api/v1/live", params={"project": "bank"}).status_code == 403


@pytest.mark.parametrize("query", ["environment=", "service="])
def test_empty_choice_is_refused(make_server: MakeServer, query: str) -> None:
    """An empty name is a slip of the page, not everybody."""
    server = make_server().start()
    assert httpx.get(f"{server.url}/api/v1/live?{query}", trust_env=False).status_code == 422


def test_description_has_every_event(make_server: MakeServer) -> None:
    """The types of a page are made from the description, so it names the shapes of all events."""
    server = make_server().start()
    document = httpx.get(f"{server.url}/api/openapi.json", trust_env=False, timeout=60).json()
    (media_type, content), *others = document["paths"]["/api/v1/live"]["get"]["responses"]["200"][
        "content"
    ].items()
    shapes = {one["$ref"].rpartition("/")[2] for one in content["schema"]["anyOf"]}
    assert (media_type, others) == ("text/event-stream", [])
    assert shapes == {"HelloView", "FreshnessView", "WindowView", "ArrivalsView", "NewsView"}
