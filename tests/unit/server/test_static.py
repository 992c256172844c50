"""The UI as the server gives it out: files, pages, headers, and what is none of its business."""

from __future__ import annotations

import gzip
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from pitwall.access.service import AccessService
from pitwall.kit.clock import SystemClock
from pitwall.server.app import WebParts, create_app
from pitwall.stores.state import StateStore

INDEX = "<!doctype html><title>Pitwall</title>"
SCRIPT = "console.log('apex');" * 100
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8", "accept-encoding": "identity"}
PLAIN = {"accept": "*/*", "accept-encoding": "identity"}


class Switch:
    """Whether the server is started."""

    on = True


def build_ui(directory: Path) -> Path:
    """A tiny UI as Vite would leave it."""
    (directory / "assets").mkdir(parents=True)
    (directory / "index.html").write_text(INDEX)
    (directory / "favicon.svg").write_text("<svg/>")
    (directory / "manifest.webmanifest").write_text("{}")
    (directory / ".vite").mkdir()
    (directory / ".vite/manifest.json").write_text("{}")
    script = directory / "assets/index-B4c.js"
    script.write_text(SCRIPT)
    script.with_name("index-B4c.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    script.with_name("index-B4c.js.br").write_bytes(b"packed by brotli")
    (directory / "assets/index-A1.css").write_text("body {}")
    return directory


@pytest.fixture
def access(tmp_path: Path) -> Iterator[AccessService]:
    store = StateStore.in_directory(tmp_path / "state").open()
    yield AccessService(store, SystemClock(), allow_anonymous=True)
    store.close()


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "secret.txt").write_text("secret")
    return tmp_path / "ui"


@pytest.fixture
def started() -> Switch:
    return Switch()


@pytest.fixture
async def client(access: AccessService, directory: Path, started: Switch) -> AsyncIterator[httpx.AsyncClient]:
    parts = WebParts(access=access, version="1.2.3", is_started=lambda: started.on, ui_directory=directory)
    transport = httpx.ASGITransport(create_app(parts))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8400") as client:
        client.headers.clear()
        client.headers["host"] = "127.0.0.1:8400"
        yield client


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/traces",
        "/traces/0123?tab=logs",
        "/signals/llm.requests",
        "/health",
        "/%ED%95%9C",
        "/index.html",
    ],
)
async def test_every_page_is_the_index_for_a_browser(
    client: httpx.AsyncClient, directory: Path, path: str
) -> None:
    """A deep link loads the UI, which finds its way by the address; it is asked for again each time."""
    build_ui(directory)
    answer = await client.get(path, headers=BROWSER)
    assert (answer.status_code, answer.text) == (200, INDEX)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert "Accept-Encoding" in answer.headers["vary"]


@pytest.mark.parametrize(
    "path",
    ["/api/v1/nothing", "/api", "/v1/nothing", "/v1/traces/x", "/health/nothing", "/assets/gone-1.js"],
)
async def test_what_belongs_to_the_api_stays_a_problem(
    client: httpx.AsyncClient, directory: Path, path: str
) -> None:
    """A wrong path of the API, or a file that an upgrade took away, is 404 for a browser too."""
    build_ui(directory)
    answer = await client.get(path, headers=BROWSER)
    assert (answer.status_code, answer.json()["code"]) == (404, "http.not_found")


async def test_page_is_for_browsers_that_read(client: httpx.AsyncClient, directory: Path) -> None:
    """A program that asks for a page is told that there is no such path; writing to one is refused."""
    build_ui(directory)
    assert (await client.get("/traces", headers=PLAIN)).json()["code"] == "http.not_found"
    assert (await client.post("/traces", headers=BROWSER)).json()["code"] == "http.not_found"


async def test_program_at_the_front_door_is_shown_the_way(client: httpx.AsyncClient, directory: Path) -> None:
    """curl gets a few lines in both languages instead of a page it cannot show."""
    build_ui(directory)
    answer = await client.get("/", headers=PLAIN)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    for part in ("Pitwall 1.2.3", "/api/openapi.json", "browser", "브라우저"):
        assert part in answer.text


@pytest.mark.parametrize(
    ("path", "media_type", "cache_control"),
    [
        ("/assets/index-B4c.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"),
        ("/assets/index-A1.css", "text/css; charset=utf-8", "public, max-age=31536000, immutable"),
        ("/favicon.svg", "image/svg+xml", "no-cache"),
        ("/manifest.webmanifest", "application/manifest+json", "no-cache"),
    ],
)
async def test_file_has_its_type_and_its_time(
    client: httpx.AsyncClient, directory: Path, path: str, media_type: str, cache_control: str
) -> None:
    """What carries a hash in its name is kept for good; the rest is asked for again."""
    build_ui(directory)
    answer = await client.get(path, headers=PLAIN)
    assert answer.status_code == 200
    assert answer.content == (directory / path[1:]).read_bytes()
    assert answer.headers["content-type"] == media_type
    assert answer.headers["cache-control"] == cache_control
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["content-length"] == str(len(answer.content))


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip, br;q=0", "gzip"),
        ("gzip;q=0.5, *;q=0", "gzip"),
        ("*", "br"),
        ("identity", None),
        ("br;q=zero", None),
        ("", None),
    ],
)
async def test_packed_form_is_sent_to_who_takes_it(
    client: httpx.AsyncClient, directory: Path, accepted: str, encoding: str | None
) -> None:
    """The smallest form a client accepts, as it lies on disk; each form has a tag of its own."""
    build_ui(directory)
    request = client.build_request("GET", "/assets/index-B4c.js", headers={"accept-encoding": accepted})
    answer = await client.send(request, stream=True)
    raw = b"".join([chunk async for chunk in answer.aiter_raw()])
    suffix = {"br": ".br", "gzip": ".gz", None: ""}[encoding]
    assert answer.headers.get("content-encoding") == encoding
    assert raw == (directory / f"assets/index-B4c.js{suffix}").read_bytes()
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    plain = await client.get("/assets/index-B4c.js", headers=PLAIN)
    assert (plain.headers["etag"] == answer.headers["etag"]) is (encoding is None)


async def test_packed_files_have_no_path_of_their_own(client: httpx.AsyncClient, directory: Path) -> None:
    """Nobody gets a packed file under its name on disk, or what is hidden."""
    build_ui(directory)
    for path in ("/assets/index-B4c.js.gz", "/.vite/manifest.json"):
        assert (await client.get(path, headers=PLAIN)).status_code == 404


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
async def test_known_form_is_not_sent_again(client: httpx.AsyncClient, directory: Path, form: str) -> None:
    """304 without a body for whoever has it, in all the ways the tag may be written."""
    build_ui(directory)
    for path in ("/traces", "/assets/index-B4c.js"):
        first = await client.get(path, headers=BROWSER)
        again = {**BROWSER, "if-none-match": form.format(first.headers["etag"])}
        answer = await client.get(path, headers=again)
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == first.headers["etag"]
        assert answer.headers["cache-control"] == first.headers["cache-control"]
    assert (await client.get("/", headers={**BROWSER, "if-none-match": '"other"'})).status_code == 200


async def test_head_tells_the_same_without_the_body(client: httpx.AsyncClient, directory: Path) -> None:
    """All headers of the GET, its length too."""
    build_ui(directory)
    for path, headers in (("/", BROWSER), ("/", PLAIN), ("/assets/index-A1.css", PLAIN)):
        got, told = await client.get(path, headers=headers), await client.head(path, headers=headers)
        assert (told.status_code, told.content) == (200, b"")
        for name in ("content-length", "content-type", "cache-control", "content-security-policy"):
            assert told.headers[name] == got.headers[name]


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/assets/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/assets/%2e%2e%2f%2e%2e%2fsecret.txt",
        "//secret.txt",
        "/..%5csecret.txt",
        "/assets/index-B4c.js%00.txt",
    ],
)
async def test_no_path_leads_out_of_the_directory(
    client: httpx.AsyncClient, directory: Path, path: str
) -> None:
    """Neither dots nor their other spellings find a file outside."""
    build_ui(directory)
    request = client.build_request("GET", "/", headers=PLAIN)
    request.url = httpx.URL("http://127.0.0.1:8400").copy_with(raw_path=path.encode())
    answer = await client.send(request)
    assert (answer.status_code, "secret" in answer.text.replace("secret.txt", "")) == (404, False)


async def test_ui_may_load_from_its_own_server_only(client: httpx.AsyncClient, directory: Path) -> None:
    """Its policy is its own, on pages, files and errors; the other security headers stay."""
    build_ui(directory)
    for path in ("/", "/traces", "/assets/index-B4c.js"):
        headers = (await client.get(path, headers=BROWSER)).headers
        policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
        assert policy == {
            "default-src": "'none'",
            "script-src": "'self'",
            "style-src": "'self' 'unsafe-inline'",
            "img-src": "'self' data:",
            "font-src": "'self'",
            "connect-src": "'self'",
            "manifest-src": "'self'",
            "base-uri": "'none'",
            "form-action": "'none'",
            "frame-ancestors": "'none'",
        }
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-request-id"]


async def test_missing_ui_says_how_to_build_it(client: httpx.AsyncClient, directory: Path) -> None:
    """A page in both languages for a browser, a line for a program; once it is built it is there."""
    page = await client.get("/traces", headers=BROWSER)
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert page.text.count("make ui") == 2
    assert 'lang="ko"' in page.text
    assert "make ui" in (await client.get("/", headers=PLAIN)).text
    build_ui(directory)
    assert (await client.get("/traces", headers=BROWSER)).text == INDEX


async def test_ui_that_is_built_anew_is_served_anew(client: httpx.AsyncClient, directory: Path) -> None:
    """A new build counts without a restart: its files are there, the old ones are gone."""
    build_ui(directory)
    old = await client.get("/", headers=BROWSER)
    (directory / "assets/index-B4c.js").rename(directory / "assets/index-C5d.js")
    index = directory / "index.html"
    index.write_text(INDEX + "2")
    os.utime(index, ns=(1, 1))
    new = await client.get("/", headers={**BROWSER, "if-none-match": old.headers["etag"]})
    assert (new.status_code, new.text) == (200, INDEX + "2")
    assert (await client.get("/assets/index-C5d.js", headers=PLAIN)).status_code == 200
    assert (await client.get("/assets/index-B4c.js", headers=PLAIN)).status_code == 404


async def test_page_loads_while_the_server_starts(
    client: httpx.AsyncClient, directory: Path, started: Switch
) -> None:
    """A page that is loaded during a restart comes, and waits itself for the API."""
    build_ui(directory)
    started.on = False
    assert (await client.get("/traces", headers=BROWSER)).text == INDEX
    assert (await client.get("/api/v1/session", headers=BROWSER)).json()["code"] == "server.starting"
