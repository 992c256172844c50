"""Reading the caller out of HTTP headers."""

from __future__ import annotations

import pytest

from pitwall.access.http import is_direct, read_caller


def _caller_is_direct(*headers: tuple[bytes, bytes], origins: frozenset[str] = frozenset()) -> bool:
    return is_direct(read_caller(headers), origins)


@pytest.mark.parametrize("host", [b"127.0.0.1:8400", b"localhost", b"[::1]:8400", b"app.localhost:1"])
def test_caller_that_names_this_machine_is_direct(host: bytes) -> None:
    """A program here that calls loopback by any of its names stands at the end of the connection."""
    assert _caller_is_direct((b"host", host))


@pytest.mark.parametrize(
    "host", [b"evil.example", b"10.0.0.1:8400", b"127.0.0.1.evil.example", b"[", b"127.0.0.1@x"]
)
def test_other_host_name_is_not_direct(host: bytes) -> None:
    """A web page that got its own name resolved to 127.0.0.1 is told by the Host its browser sends."""
    assert not _caller_is_direct((b"host", host))


def test_page_of_another_site_is_not_direct() -> None:
    """A browser says which page makes a call; pages of other sites, and sandboxed ones, are strangers."""
    host = (b"host", b"127.0.0.1:8400")
    assert not _caller_is_direct(host, (b"origin", b"https://evil.example"))
    assert not _caller_is_direct(host, (b"origin", b"null"))
    assert _caller_is_direct(host, (b"origin", b"http://localhost:5173"))
    allowed = frozenset({"https://ui.example"})
    assert _caller_is_direct(host, (b"origin", b"https://ui.example"), origins=allowed)


@pytest.mark.parametrize("name", [b"x-forwarded-for", b"forwarded", b"x-real-ip", b"via"])
def test_caller_behind_a_proxy_is_not_direct(name: bytes) -> None:
    """A proxy on this machine must not lend its loopback address to the world."""
    assert not _caller_is_direct((b"host", b"127.0.0.1"), (name, b"203.0.113.9"))


def test_authorization_wins_over_other_key_headers() -> None:
    """One credential counts: Authorization, then x-api-key, then api_key."""
    assert read_caller([(b"x-api-key", b"b"), (b"authorization", b"a"), (b"api_key", b"c")]).credential == "a"
    assert read_caller([(b"api_key", b"c"), (b"x-api-key", b"b")]).credential == "b"
    assert read_caller([(b"api_key", b"c")]).credential == "c"
    assert read_caller([]).credential is None


@pytest.mark.parametrize(
    ("cookies", "session"),
    [
        (b"pitwall_session=abc", "abc"),
        (b"theme=dark; pitwall_session=abc ; x=y", "abc"),
        (b"pitwall_session=", None),
        (b"other_pitwall_session=abc; pitwall_sessions=abc", None),
        (b"", None),
    ],
)
def test_session_is_read_from_its_own_cookie(cookies: bytes, session: str | None) -> None:
    """Among other cookies of the same host, the one of that very name counts."""
    assert read_caller([(b"cookie", cookies)]).session == session


def test_ui_says_that_it_is_the_ui() -> None:
    """One value of the header counts, so that a slip is noticed."""
    assert read_caller([(b"x-pitwall-ui", b"1")]).is_ui
    assert not read_caller([(b"x-pitwall-ui", b"0")]).is_ui
    assert not read_caller([]).is_ui
