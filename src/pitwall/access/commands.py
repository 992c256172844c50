"""`pitwall keys`: make, list and revoke API keys, through a running server or in the state store itself."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any, Protocol

import click

from pitwall.access.client import ApiClient
from pitwall.access.reach import LocalState, reach_state
from pitwall.core.vocabulary import Scope
from pitwall.kit.cli_options import DURATION, Target, output_option, target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit
from pitwall.kit.clock import SystemClock
from pitwall.kit.durations import format_instant
from pitwall.kit.i18n import Text, choose_language

_KEYS = "/api/v1/keys"
_COLUMNS = [
    Column("id", "id"),
    Column("project", "project"),
    Column("name", "name", wrap=True),
    Column("scopes", "scopes"),
    Column("prefix", "prefix", gives_way=1),
    Column("created_at", "created", gives_way=5),
    Column("last_used_at", "last used", gives_way=2),
    Column("expires_at", "expires", gives_way=3),
    Column("revoked_at", "revoked", gives_way=4),
]
_NONE = Text(
    "There are no keys yet; make one with `pitwall keys create`.",
    "아직 키가 없습니다. `pitwall keys create`로 만들 수 있습니다.",
)


class _Keys(Protocol):
    """What the commands need, whoever does it; answers are in the API's shape."""

    def create(self, body: dict[str, Any]) -> dict[str, Any]: ...

    def list(self, project: str | None) -> dict[str, Any]: ...

    def revoke(self, key_id: str) -> dict[str, Any]: ...


@click.group()
def keys() -> None:
    """Create, list and revoke API keys.

    \b
    Example:
      pitwall keys create --name checkout-service --project shop --scopes ingest
      pitwall keys list
    """


@keys.command()
@click.option("--name", required=True, help="What the key is for, such as the service's name.")
@click.option(
    "--scopes",
    default="ingest",
    show_default=True,
    callback=lambda _context, _option, value: _parse_scopes(value),
    help="What it may do, separated by commas: ingest, read, act.",
)
@click.option("--expires-in", type=DURATION, help="How long it is good, such as 90d; default is for ever.")
@output_option
@target_options
def create(
    target: Target, name: str, scopes: list[str], expires_in: timedelta | None, output: OutputFormat
) -> None:
    """Make a key and show it, this once.

    \b
    Example:
      pitwall keys create --name checkout-service --project shop --scopes ingest,read --expires-in 90d
    """
    expires_at = None if expires_in is None else format_instant(SystemClock().now() + expires_in)
    body = {"name": name, "scopes": scopes, "project": target.project, "expires_at": expires_at}
    with _open_keys(target) as service:
        key = service.create(body)
    if output is not OutputFormat.TABLE:
        emit([key], [], output, payload=key)
        return
    click.echo(key["token"])
    click.echo(
        f"Key {key['id']} for project {key['project']} ({','.join(key['scopes'])}). It is not shown again.",
        err=True,
    )


@keys.command("list")
@output_option
@target_options
def list_(target: Target, output: OutputFormat) -> None:
    """List keys, revoked ones too; their secrets are not kept.

    \b
    Example:
      pitwall keys list --project shop --output json
    """
    with _open_keys(target) as service:
        answer = service.list(target.project)
    empty = _NONE.say(choose_language(target.environ))
    emit(answer["keys"], _COLUMNS, output, payload=answer, empty=empty)


@keys.command()
@click.argument("key_id", metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask.")
@output_option
@target_options
def revoke(target: Target, key_id: str, yes: bool, output: OutputFormat) -> None:
    """Make a key worthless, for good.

    \b
    Example:
      pitwall keys revoke 01a1f89fcfbb7000baa0bdd1bcf40607 --yes
    """
    if not yes:
        click.confirm(f"Revoke key {key_id}? What uses it stops working.", abort=True, err=True)
    with _open_keys(target) as service:
        key = service.revoke(key_id)
    if output is OutputFormat.TABLE:
        click.echo(f"Revoked key {key['id']} ({key['name']}).", err=True)
        return
    emit([key], [], output, payload=key)


def _parse_scopes(text: str) -> list[str]:
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    if unknown := [name for name in names if name not in list(Scope)]:
        raise click.BadParameter(f"{unknown[0]!r} is no scope; use ingest, read, act.")
    return list(dict.fromkeys(names))


def _open_keys(target: Target) -> AbstractContextManager[_Keys]:
    """Use the running server, so that a revocation counts at once; without one, the state store itself."""
    return reach_state(target, lambda client, _project: _RemoteKeys(client), _local)


def _local(state: LocalState) -> _Keys:
    from pitwall.access.local import LocalKeys  # the packages of the state store are an extra

    return LocalKeys(state.store, state.clock)


class _RemoteKeys:
    """Keys through the API."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client

    def create(self, body: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = self._client.post(_KEYS, body)
        return answer

    def list(self, project: str | None) -> dict[str, Any]:
        answer: dict[str, Any] = self._client.get(_KEYS, {"project": project})
        return answer

    def revoke(self, key_id: str) -> dict[str, Any]:
        answer: dict[str, Any] = self._client.delete(f"{_KEYS}/{key_id}")
        return answer
