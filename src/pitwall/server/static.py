"""The built UI, served from a directory.

Paths are looked up among the files that were found there, never joined to the directory, so no path leads out
of it. Whatever is no file and no API is a page of the UI, which finds its way by itself: it is answered with
`index.html` if a browser asks.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

BUILT_UI: Final = Path(__file__).parent / "ui"
"""Where `make ui` puts the UI, and where the wheel has it."""

_API: Final = frozenset({"api", "v1", "metrics"})
_PROBES: Final = "/health/"  # `/health` itself is a page
_INDEX: Final = "/index.html"
_ASSETS: Final = "/assets/"
_ENCODINGS: Final = {"br": ".br", "gzip": ".gz"}  # best first
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_CSP: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
# The machine's own table differs from one to the next.
_MEDIA_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        ".css": "text/css; charset=utf-8",
        ".html": "text/html; charset=utf-8",
        ".ico": "image/x-icon",
        ".js": "text/javascript; charset=utf-8",
        ".json": "application/json",
        ".map": "application/json",
        ".png": "image/png",
        ".svg": "image/svg+xml",
        ".txt": "text/plain; charset=utf-8",
        ".webmanifest": "application/manifest+json",
        ".webp": "image/webp",
        ".woff2": "font/woff2",
    }
)
_TEXT: Final = """Pitwall {version}

API: /api/openapi.json describes everything under /api/v1. {ui_en}
API: /api/openapi.json 에 /api/v1 의 모든 기능이 설명되어 있습니다. {ui_ko}
"""
_UI_HERE: Final = ("UI: open this address in a browser.", "UI: 이 주소를 브라우저에서 여십시오.")
_UI_MISSING: Final = (
    "UI: not built; `make ui` builds it.",
    "UI: 빌드되지 않았습니다. `make ui` 로 빌드합니다.",
)
_NOT_BUILT: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Pitwall</title>
<style>
body {{ font: 16px/1.6 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem }}
:lang(ko) {{ word-break: keep-all }}
</style>
<h1>Pitwall {version}</h1>
<p>The server runs, but its UI is not built. Run <code>make ui</code> in the source tree and load this page
again. The API is described in <a href="/api/openapi.json">/api/openapi.json</a>.</p>
<p lang="ko">서버는 실행 중이지만 UI가 빌드되지 않았습니다. 소스 트리에서 <code>make ui</code> 를
실행한 뒤 이 페이지를 다시 여십시오. API는 <a href="/api/openapi.json">/api/openapi.json</a> 에 설명되어
있습니다.</p>
</html>
"""


@dataclass(frozen=True, slots=True)
class _Stored:
    """One form of a file on disk: as it is, or packed."""

    path: Path
    etag: str


@dataclass(frozen=True, slots=True)
class _File:
    """A file of the UI; `packed` is by content encoding, best first."""

    media_type: str
    cache_control: str
    plain: _Stored
    packed: Mapping[str, _Stored]

    def choose(self, accept_encoding: str) -> tuple[str | None, _Stored]:
        """The form that a client is sent, and its content encoding."""
        for encoding, stored in self.packed.items():
            if _accepts(accept_encoding, encoding):
                return encoding, stored
        return None, self.plain


class Ui:
    """Serves the UI of a directory, also one that is built or built anew while the server runs.

    Args:
        directory: What `make ui` made; it may be missing.
        version: Version of Pitwall, for those who ask without a browser.
    """

    def __init__(self, directory: Path, *, version: str) -> None:
        self._directory = directory
        self._version = version
        self._files: Mapping[str, _File] = {}
        self._built_at_ns: int | None = None

    def takes(self, scope: Scope) -> bool:
        """Whether a request is for the UI: it reads, and its path does not belong to the API."""
        if scope["method"] not in ("GET", "HEAD"):
            return False
        path: str = scope["path"]
        return path.lstrip("/").partition("/")[0] not in _API and not path.startswith(_PROBES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that is for the UI.

        Raises:
            HTTPException: 404 for a file that is not there, and for a page that no browser asks for.
        """
        files, path, headers = await self._current(), scope["path"], Headers(scope=scope)
        file = files.get(path)
        is_page = file is None and not path.startswith(_ASSETS) and _wants_html(headers)
        if is_page and files:
            file = files[_INDEX]
        if file is not None:
            response = await _answer(file, headers, is_page=is_page)
        elif is_page:
            response = HTMLResponse(_NOT_BUILT.format(version=self._version), 404)
        elif path == "/":
            response = self._text(_UI_HERE if files else _UI_MISSING)
        else:
            raise HTTPException(404)
        response.headers["content-security-policy"] = _CSP
        if scope["method"] == "HEAD":
            response.body = b""  # its length stays in the headers
        await response(scope, receive, send)

    def _text(self, ui: tuple[str, str]) -> Response:
        text = _TEXT.format(version=self._version, ui_en=ui[0], ui_ko=ui[1])
        return PlainTextResponse(text, headers={"vary": "Accept", "cache-control": "no-cache"})

    async def _current(self) -> Mapping[str, _File]:
        """The files, found anew when another `index.html` is there; none while there is no UI."""
        try:
            built_at_ns = (self._directory / _INDEX[1:]).stat().st_mtime_ns
        except OSError:
            return {}
        if built_at_ns != self._built_at_ns:
            self._files = await asyncio.to_thread(_find_files, self._directory)
            self._built_at_ns = built_at_ns
        return self._files


def _find_files(directory: Path) -> Mapping[str, _File]:
    """The files of a directory by path, without the hidden ones."""
    found = {}
    for path in directory.rglob("*"):
        parts = path.relative_to(directory).parts
        if path.suffix in _ENCODINGS.values() or any(part.startswith(".") for part in parts):
            continue
        if path.is_file():
            url = f"/{'/'.join(parts)}"
            found[url] = _File(
                media_type=_MEDIA_TYPES.get(path.suffix, "application/octet-stream"),
                cache_control=_FOR_EVER if url.startswith(_ASSETS) else "no-cache",
                plain=_store(path),
                packed=_find_packed(path),
            )
    return found


def _find_packed(path: Path) -> dict[str, _Stored]:
    others = {encoding: path.with_name(path.name + suffix) for encoding, suffix in _ENCODINGS.items()}
    return {encoding: _store(other) for encoding, other in others.items() if other.is_file()}


def _store(path: Path) -> _Stored:
    return _Stored(path, f'"{hashlib.sha256(path.read_bytes()).hexdigest()[:32]}"')


async def _answer(file: _File, headers: Headers, *, is_page: bool) -> Response:
    encoding, stored = file.choose(headers.get("accept-encoding", ""))
    told = {
        "etag": stored.etag,
        "cache-control": file.cache_control,
        "vary": "Accept, Accept-Encoding" if is_page else "Accept-Encoding",
    }
    if _has(headers.get("if-none-match", ""), stored.etag):
        return Response(status_code=304, headers=told)
    try:
        body = await asyncio.to_thread(stored.path.read_bytes)
    except FileNotFoundError as error:  # the UI is being built anew
        raise HTTPException(404) from error
    told["content-type"] = file.media_type
    if encoding is not None:
        told["content-encoding"] = encoding
    return Response(body, headers=told)


def _wants_html(headers: Headers) -> bool:
    return "text/html" in headers.get("accept", "")


def _accepts(accept_encoding: str, encoding: str) -> bool:
    """Whether a client takes a content encoding, by the header it sent."""
    weights = {}
    for item in accept_encoding.lower().split(","):
        name, _, weight = item.partition(";")
        weights[name.strip()] = weight.replace(" ", "").removeprefix("q=") or "1"
    weight = weights.get(encoding, weights.get("*", "0"))
    try:
        return float(weight) > 0
    except ValueError:
        return False


def _has(if_none_match: str, etag: str) -> bool:
    """Whether a client has this form already; what proxies did to the tag (`W/`) does not matter."""
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return etag in tags or tags == ["*"]
