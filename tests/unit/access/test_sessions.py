"""Logging in to the UI: the life of a session, on a real state store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from pitwall.access.attempts import FailedAttempts, TooManyAttempts
from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.access.repository import ApiKeys
from pitwall.access.service import AccessService
from pitwall.access.sessions import SessionEnded
from pitwall.access.types import IssuedKey, KeyRequest
from pitwall.core.errors import NotAuthenticated, NotPermitted
from pitwall.core.vocabulary import Scope
from pitwall.kit.clock import ManualClock
from pitwall.stores.state import AuditLog, StateStore

READ = frozenset({Scope.READ})


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def store(tmp_path: Path, clock: ManualClock) -> Iterator[StateStore]:
    store = StateStore.in_directory(tmp_path, clock=clock).open()
    yield store
    store.close()


@pytest.fixture
def access(store: StateStore, clock: ManualClock) -> AccessService:
    return AccessService(store, clock)


def make_key(
    access: AccessService, scopes: frozenset[Scope] = READ, expires_in: timedelta | None = None
) -> IssuedKey:
    expires_at = None if expires_in is None else access._clock.now() + expires_in
    return access.create_key(KeyRequest("a key", "shop", scopes, expires_at), by=LOCAL_OPERATOR)


def log_in(access: AccessService, key: IssuedKey) -> str:
    return access.sessions.start(key.token, address="127.0.0.1").token


def test_session_is_worth_what_its_key_is(access: AccessService) -> None:
    """A browser that logged in is the key's principal: its project, its scopes, no other project."""
    key = make_key(access)
    principal = access.sessions.authenticate(log_in(access, key))
    assert principal == key.key.principal()
    assert not principal.may_choose_project


def test_token_of_a_session_is_not_stored(access: AccessService, tmp_path: Path) -> None:
    """Who reads the state files can be nobody's browser."""
    token = log_in(access, make_key(access)).encode()
    assert all(token not in file.read_bytes() for file in tmp_path.iterdir())


def test_session_ends_by_logging_out(access: AccessService) -> None:
    """Logging out counts for the next request, also for a session that was just used; twice is no error."""
    token = log_in(access, make_key(access))
    access.sessions.authenticate(token)
    access.sessions.end(token)
    access.sessions.end(token)
    assert access.sessions.recall(token) is None
    with pytest.raises(SessionEnded, match="Log in again"):
        access.sessions.authenticate(token)


def test_session_ends_at_once_with_its_key(access: AccessService) -> None:
    """Revoking a key closes the browsers that used it."""
    key = make_key(access)
    token = log_in(access, key)
    access.sessions.authenticate(token)
    access.revoke_key(key.key.id, by=LOCAL_OPERATOR)
    assert access.sessions.recall(token) is None
    with pytest.raises(NotAuthenticated, match="was revoked"):
        access.sessions.authenticate(token)


def test_session_expires_to_the_second_with_its_key(access: AccessService, clock: ManualClock) -> None:
    """A session opens nothing from its key's expiry on, whatever is remembered of it."""
    token = log_in(access, make_key(access, expires_in=timedelta(seconds=2)))
    access.sessions.authenticate(token)
    clock.advance(1.9)
    assert access.sessions.recall(token) is not None
    clock.advance(0.1)
    assert access.sessions.recall(token) is None
    with pytest.raises(NotAuthenticated, match="expired"):
        access.sessions.authenticate(token)


def test_key_revoked_elsewhere_ends_the_session_after_seconds(
    access: AccessService, store: StateStore, clock: ManualClock
) -> None:
    """Another process's revocation counts once the look-up is five seconds old."""
    key = make_key(access)
    token = log_in(access, key)
    access.sessions.authenticate(token)
    with store.session() as session:
        ApiKeys(session).revoke(key.key.id, clock.now())
    clock.advance(4.9)
    assert access.sessions.recall(token) is not None
    clock.advance(0.1)
    assert access.sessions.recall(token) is None


def test_session_that_nobody_uses_ends_after_twelve_hours(
    access: AccessService, store: StateStore, clock: ManualClock
) -> None:
    """Use keeps a session alive, also across a restart; twelve hours without end it."""
    token = log_in(access, make_key(access))
    clock.advance(11 * 3600)
    access.sessions.authenticate(token)
    clock.advance(11 * 3600)
    access.sessions.authenticate(token)  # what was used counts before it is written
    access.record_usage()
    clock.advance(11 * 3600)
    restarted = AccessService(store, clock)
    restarted.sessions.authenticate(token)
    restarted.record_usage()
    clock.advance(12 * 3600)
    with pytest.raises(SessionEnded):
        AccessService(store, clock).sessions.authenticate(token)


def test_use_is_never_noted_as_earlier(access: AccessService, store: StateStore, clock: ManualClock) -> None:
    """Of two servers that note the use of one session, the later use counts."""
    token = log_in(access, make_key(access))
    slow = AccessService(store, clock)
    slow.sessions.authenticate(token)
    clock.advance(6 * 3600)
    access.sessions.authenticate(token)
    access.record_usage()
    slow.record_usage()
    clock.advance(7 * 3600)
    AccessService(store, clock).sessions.authenticate(token)


def test_dead_sessions_are_cleared_away(access: AccessService, store: StateStore, clock: ManualClock) -> None:
    """Logging in forgets the sessions that are over by themselves."""
    key = make_key(access)
    log_in(access, key)
    clock.advance(13 * 3600)
    log_in(access, key)
    with store.session(read_only=True) as session:
        assert session.exec_driver_sql("SELECT count(*) FROM ui_sessions").scalar() == 1


@pytest.mark.parametrize("key", ["", "hunter2", "pw_abcd1234_nothing", "pk-lf-1:sk-lf-2"])
def test_wrong_key_starts_nothing(access: AccessService, store: StateStore, key: str) -> None:
    """What is no good key is refused with the way out, also where no key is needed."""
    for service in (access, AccessService(store, ManualClock(), allow_anonymous=True)):
        with pytest.raises(NotAuthenticated, match="pitwall keys create"):
            service.sessions.start(key, address="127.0.0.1")


def test_key_that_may_not_read_has_nothing_to_see(access: AccessService) -> None:
    """A key that only sends opens no page."""
    with pytest.raises(NotPermitted, match="'read'"):
        log_in(access, make_key(access, frozenset({Scope.INGEST})))


def test_tenth_wrong_key_closes_the_door_for_a_minute(access: AccessService, clock: ManualClock) -> None:
    """Then a good key has to wait too, and only from that address."""
    key = make_key(access)
    for _ in range(10):
        with pytest.raises(NotAuthenticated):
            access.sessions.start("pw_abcd1234_nothing", address="10.0.0.9")
    clock.advance(20)
    with pytest.raises(TooManyAttempts, match="10.0.0.9") as caught:
        access.sessions.start(key.token, address="10.0.0.9")
    assert caught.value.details == {"retry_after_seconds": 40}
    access.sessions.start(key.token, address="10.0.0.8")
    clock.advance(40)
    access.sessions.start(key.token, address="10.0.0.9")


def test_failures_of_many_addresses_stay_small(clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has many addresses fills no memory: the oldest are forgotten."""
    monkeypatch.setattr("pitwall.access.attempts._MAX_ADDRESSES", 3)
    attempts = FailedAttempts(clock, limit=1)
    for number in range(5):
        attempts.note(str(number))
    attempts.check("0")
    with pytest.raises(TooManyAttempts):
        attempts.check("4")


def test_logging_in_and_out_is_in_the_audit_log(access: AccessService, store: StateStore) -> None:
    """Who, with which key, from where; replacing a session ends the earlier one; no token is in it."""
    key = make_key(access)
    first = access.sessions.start(key.token, address="127.0.0.1")
    second = access.sessions.start(key.token, address="127.0.0.1", instead_of=first.token)
    access.sessions.end(second.token)
    with store.session(read_only=True) as session:
        entries = AuditLog(session).list(project_id="shop")
    found = [(entry.action, entry.object, entry.actor) for entry in entries if entry.action != "key.created"]
    actor = f"api_key:{key.key.id}"
    assert found == [
        ("session.ended", f"session:{second.session.id}", actor),
        ("session.started", f"session:{second.session.id}", actor),
        ("session.ended", f"session:{first.session.id}", actor),
        ("session.started", f"session:{first.session.id}", actor),
    ]
    assert entries[1].details == {"key": "a key", "prefix": key.key.prefix, "address": "127.0.0.1"}
    assert not any(first.token in str(entry) or second.token in str(entry) for entry in entries)
