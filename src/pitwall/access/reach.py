"""How a command reaches the API: a running server, or the data directory itself when none runs.

Commands see one client in both cases. Opening a data directory is the composition root's work, so the command
line puts its opener into the click context (`pitwall.cli.main`), and this module only calls it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

import click
import httpx

from pitwall.access.client import ApiClient, ServerNotRunning
from pitwall.kit.cli_options import Target
from pitwall.settings import Settings, load_settings

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


def _opener() -> OpenDataDir | None:
    context = click.get_current_context(silent=True)
    return None if context is None else context.find_root().obj
