"""How a command reaches the API: a running server, or the data directory itself when none runs.

Commands see one client in both cases. Opening a data directory is the composition root's work, so the command
line puts its opener into the click context (`pitwall.cli.main`), and this module only calls it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import click
import httpx

from pitwall.access.client import ApiClient, ServerNotRunning
from pitwall.kit.cli_options import Target
from pitwall.kit.clock import Clock, SystemClock
from pitwall.settings import Settings, load_settings

if TYPE_CHECKING:
    from pitwall.stores.state import StateStore

Reached = TypeVar("Reached")

OpenDataDir = Callable[[Settings, Mapping[str, str]], AbstractContextManager[httpx.BaseTransport]]
"""Opens a data directory in an environment, yields a transport to its API; raises Conflict if in use."""

_OFFLINE_URL = "http://127.0.0.1"


@contextmanager
def reach(target: Target, *, may_create: bool = False) -> Iterator[ApiClient]:
    """Yield a client for what the shared options name.

    Args:
        may_create: The command writes, so a data directory that is not there yet is made.

    Raises:
        NotFound: There is no such data directory.
        ServerNotRunning: None runs, and this command line cannot open a data directory.
        Conflict: No server runs, but another process has the data directory.
    """
    settings = load_settings(environ=target.environ, config=target.config, flags=target.setting_flags())
    client = ApiClient.find(url=target.url, data_dir=settings.data_dir, api_key=target.api_key)
    if client is not None:
        with client:
            yield client
        return
    if may_create:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    open_data_dir = _opener()
    if open_data_dir is None:
        raise ServerNotRunning(f"No server runs on {settings.data_dir}.", hint="Start one with `pitwall up`.")
    with (
        open_data_dir(settings, target.environ) as transport,
        ApiClient(_OFFLINE_URL, target.api_key, transport=transport) as client,
    ):
        yield client


@dataclass(frozen=True, slots=True)
class LocalState:
    """The state store of a data directory that no server runs on; whoever may open it is the operator.

    Attributes:
        project: What the command names; None for the default one.
    """

    store: StateStore
    clock: Clock
    settings: Settings
    project: str | None


@contextmanager
def reach_state(
    target: Target,
    remote: Callable[[ApiClient, str | None], Reached],
    local: Callable[[LocalState], Reached],
) -> Iterator[Reached]:
    """Yield what speaks to the running server, or without one to the state store, which anybody may open.

    For commands that need nothing but state: the telemetry store is not opened.

    Args:
        remote: Makes it of a client and the project that the command names.
        local: Makes it of the state store; it imports what needs the server's packages, which are an extra.

    Raises:
        StateUnavailable: The state store cannot be reached.
        StateStoreTooNew: A newer version of Pitwall has used it.
    """
    settings = None
    if not target.url:
        settings = load_settings(environ=target.environ, config=target.config, flags=target.setting_flags())
    data_dir = None if settings is None else settings.data_dir
    client = None  # a store that is named is the one that is meant, whatever server runs
    if target.db is None:
        client = ApiClient.find(url=target.url, data_dir=data_dir, api_key=target.api_key)
    if client is not None:
        with client:
            yield remote(client, target.project)
        return
    assert settings is not None  # with an address there is a client
    from pitwall.stores.state import StateStore  # an extra

    clock = SystemClock()
    store = StateStore(settings.state_url, clock=clock).open()
    try:
        yield local(LocalState(store, clock, settings, target.project))
    finally:
        store.close()


def _opener() -> OpenDataDir | None:
    context = click.get_current_context(silent=True)
    return None if context is None else context.find_root().obj
