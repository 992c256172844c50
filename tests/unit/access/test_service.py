"""Who a caller is, and the life of API keys, on a real state store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from pitwall.access import Principal, PrincipalKind, Role
from pitwall.access.authenticators import LOCAL_OPERATOR, LocalTokenAuthenticator
from pitwall.access.repository import ApiKeys
from pitwall.access.service import AccessService
from pitwall.access.types import IssuedKey, KeyRequest
from pitwall.core.errors import InvalidInput, NotAuthenticated, NotFound, NotPermitted
from pitwall.core.vocabulary import Scope
from pitwall.kit.clock import ManualClock
from pitwall.stores.state import AuditLog, Projects, StateStore

ALL = frozenset(Scope)


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
    access: AccessService,
    *,
    project: str = "shop",
    scopes: frozenset[Scope] = ALL,
    by: Principal = LOCAL_OPERATOR,
) -> IssuedKey:
    return access.create_key(KeyRequest("a key", project, scopes), by=by)


def test_key_says_project_and_scopes(access: AccessService) -> None:
    """The principal of a key has the key's project and scopes; acting makes an operator."""
    issued = make_key(access, scopes=frozenset({Scope.INGEST}))
    principal = access.authenticate(f"Bearer {issued.token}")
    assert principal == Principal(
        PrincipalKind.API_KEY, issued.key.id, "shop", frozenset({Scope.INGEST}), Role.VIEWER
    )


def test_key_sees_its_own_project_only(access: AccessService) -> None:
    """Who may choose sees every project, or the one that was asked for; a key sees its own."""
    key = make_key(access, project="shop", scopes=frozenset({Scope.READ})).key.principal()
    make_key(access, project="voc")
    every = access.list_projects(by=LOCAL_OPERATOR)
    assert [project.id for project in every] == ["_pitwall", "default", "shop", "voc"]
    assert [p.id for p in access.list_projects(by=LOCAL_OPERATOR, project_id="voc")] == ["voc"]
    assert access.list_projects(by=LOCAL_OPERATOR, project_id="vox") == []
    assert [project.id for project in access.list_projects(by=key)] == ["shop"]
    with pytest.raises(NotPermitted):
        access.list_projects(by=key, project_id="voc")


def test_projects_need_the_scope_read(access: AccessService) -> None:
    """A key that only sends learns nothing."""
    key = make_key(access, scopes=frozenset({Scope.INGEST})).key.principal()
    with pytest.raises(NotPermitted, match="read"):
        access.list_projects(by=key)


def test_token_is_not_stored(access: AccessService, tmp_path: Path) -> None:
    """Who reads the state files learns no key."""
    secret = make_key(access).token.rpartition("_")[2].encode()
    assert all(secret not in file.read_bytes() for file in tmp_path.iterdir())


def test_right_prefix_with_wrong_secret_is_refused(access: AccessService) -> None:
    """The public part of a key opens nothing."""
    prefix = make_key(access).key.prefix
    with pytest.raises(NotAuthenticated, match=f"pw_{prefix}_… is not known"):
        access.authenticate(f"pw_{prefix}_wrong")


def test_revoked_key_is_refused_at_once(access: AccessService) -> None:
    """Revocation counts for the next request, also for a key that was just used."""
    issued = make_key(access)
    access.authenticate(issued.token)
    access.revoke_key(issued.key.id, by=LOCAL_OPERATOR)
    with pytest.raises(NotAuthenticated, match="was revoked"):
        access.authenticate(issued.token)


def test_key_revoked_elsewhere_is_refused_after_seconds(
    access: AccessService, store: StateStore, clock: ManualClock
) -> None:
    """Another process's revocation counts once the look-up is five seconds old."""
    issued = make_key(access)
    access.authenticate(issued.token)
    with store.session() as session:
        ApiKeys(session).revoke(issued.key.id, clock.now())
    clock.advance(4.9)
    access.authenticate(issued.token)
    clock.advance(0.1)
    with pytest.raises(NotAuthenticated, match="was revoked"):
        access.authenticate(issued.token)


def test_key_expires_to_the_second(access: AccessService, clock: ManualClock) -> None:
    """A key opens nothing from its expiry on, whatever is remembered of it."""
    request = KeyRequest("short", "shop", ALL, clock.now() + timedelta(seconds=2))
    token = access.create_key(request, by=LOCAL_OPERATOR).token
    clock.advance(1.9)
    access.authenticate(token)
    clock.advance(0.1)
    with pytest.raises(NotAuthenticated, match="expired"):
        access.authenticate(token)
    assert not access.has_keys()


async def test_known_key_needs_no_state_store(access: AccessService, store: StateStore) -> None:
    """A key that was looked up a moment ago is believed without asking the database."""
    token = make_key(access).token
    first = await access.authenticate_async(token)
    store.close()
    assert await access.authenticate_async(f"Bearer {token}") == first


def test_anonymous_caller_is_the_operator_only_where_allowed(store: StateStore, clock: ManualClock) -> None:
    """Nobody without a key, unless the server allows it and the caller is direct."""
    with pytest.raises(NotAuthenticated, match="needs an API key"):
        AccessService(store, clock).authenticate(None)
    open_access = AccessService(store, clock, allow_anonymous=True)
    assert open_access.authenticate(None).kind is PrincipalKind.ANONYMOUS
    with pytest.raises(NotAuthenticated, match="direct callers"):
        open_access.authenticate(None, is_direct=False)


def test_key_of_another_product_counts_as_none(store: StateStore, clock: ManualClock) -> None:
    """An application that still sends its Langfuse key needs a new address only, where no key is needed."""
    foreign = "Basic cGstbGYtMTpzay1sZi0y"  # pk-lf-1:sk-lf-2
    open_access = AccessService(store, clock, allow_anonymous=True)
    assert open_access.authenticate(foreign).kind is PrincipalKind.ANONYMOUS
    with pytest.raises(NotAuthenticated, match="not one that Pitwall issued"):
        AccessService(store, clock).authenticate(foreign)


def test_bad_key_of_ours_never_becomes_anonymous(store: StateStore, clock: ManualClock) -> None:
    """A revoked key is an error the sender must see, not a way into the default project."""
    access = AccessService(store, clock, allow_anonymous=True)
    issued = make_key(access)
    access.revoke_key(issued.key.id, by=LOCAL_OPERATOR)
    with pytest.raises(NotAuthenticated, match="was revoked"):
        access.authenticate(issued.token)


def test_local_token_is_the_operator(store: StateStore, clock: ManualClock) -> None:
    """The token of the runtime file, and no other, lets the command line in."""
    access = AccessService(store, clock, authenticators=[LocalTokenAuthenticator("right")])
    assert access.authenticate("Bearer right") is LOCAL_OPERATOR
    with pytest.raises(NotAuthenticated):
        access.authenticate("Bearer righ")


def test_key_cannot_give_more_than_it_has(access: AccessService) -> None:
    """A key that may act makes keys for its own project and with its own scopes only."""
    scopes = frozenset({Scope.ACT, Scope.READ})
    maker = access.authenticate(make_key(access, scopes=scopes).token)
    assert make_key(access, scopes=frozenset({Scope.READ}), by=maker).key.created_by == maker.actor
    with pytest.raises(NotPermitted, match="ingest"):
        make_key(access, scopes=ALL, by=maker)
    with pytest.raises(NotPermitted, match="'bank'"):
        make_key(access, project="bank", scopes=scopes, by=maker)


def test_key_without_act_manages_no_keys(access: AccessService) -> None:
    """Listing, making and revoking keys all need the scope act."""
    issued = make_key(access, scopes=frozenset({Scope.INGEST, Scope.READ}))
    reader = access.authenticate(issued.token)
    for attempt in (
        lambda: make_key(access, by=reader),
        lambda: access.list_keys(by=reader),
        lambda: access.revoke_key(issued.key.id, by=reader),
    ):
        with pytest.raises(NotPermitted, match="'act'"):
            attempt()


def test_keys_of_other_projects_stay_hidden(access: AccessService) -> None:
    """A key sees and revokes its own project's keys; another's are as if they did not exist."""
    other = make_key(access, project="bank").key
    shopkeeper = access.authenticate(make_key(access).token)
    assert {key.project_id for key in access.list_keys(by=shopkeeper)} == {"shop"}
    with pytest.raises(NotFound):
        access.revoke_key(other.id, by=shopkeeper)
    assert {key.project_id for key in access.list_keys(by=LOCAL_OPERATOR)} == {"shop", "bank"}


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (KeyRequest(" ", "shop", ALL), "needs a name"),
        (KeyRequest("x", "shop", frozenset()), "needs a scope"),
        (KeyRequest("x", "Shop!", ALL), "'Shop!' is not a project id"),
        (KeyRequest("x", "_secret", ALL), "'_secret' is not a project id"),
        (KeyRequest("x", "shop", ALL, ManualClock().now()), "in the past"),
    ],
)
def test_impossible_key_is_refused_with_the_reason(
    access: AccessService, request_: KeyRequest, reason: str
) -> None:
    """Nothing is stored for a request that makes no sense."""
    with pytest.raises(InvalidInput, match=reason):
        access.create_key(request_, by=LOCAL_OPERATOR)
    assert access.list_keys(by=LOCAL_OPERATOR) == []


def test_key_changes_are_audited_once(access: AccessService, store: StateStore) -> None:
    """Making and revoking leave who, what and which project; revoking again changes nothing."""
    key = make_key(access).key
    first = access.revoke_key(key.id, by=LOCAL_OPERATOR)
    assert access.revoke_key(key.id, by=LOCAL_OPERATOR).revoked_at == first.revoked_at
    with store.session(read_only=True) as session:
        entries = AuditLog(session).list(project_id="shop")
        assert Projects(session).get("shop").name == "shop"
    assert [(entry.action, entry.actor, entry.object) for entry in entries] == [
        ("key.revoked", "local", f"api_key:{key.id}"),
        ("key.created", "local", f"api_key:{key.id}"),
    ]


def test_last_use_is_written_later(access: AccessService, clock: ManualClock) -> None:
    """A request writes nothing; the recorder notes when the key was last looked up."""
    issued = make_key(access)
    clock.advance(60)
    access.authenticate(issued.token)
    assert access.list_keys(by=LOCAL_OPERATOR)[0].last_used_at is None
    access.record_usage()
    assert access.list_keys(by=LOCAL_OPERATOR)[0].last_used_at == clock.now()
