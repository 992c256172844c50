"""The composition root: what has to hold before a server may be made, and the server."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from pitwall.access.authenticators import LocalTokenAuthenticator
from pitwall.access.exposure import check_exposure
from pitwall.access.service import AccessService
from pitwall.kit.clock import Clock
from pitwall.server.lifecycle import Mode, Pitwall
from pitwall.server.telemetry import TelemetryStore
from pitwall.settings import Settings, refuse_unsafe_production
from pitwall.settings.production import is_loopback_host
from pitwall.stores.state import StateStore

if TYPE_CHECKING:
    from pitwall.server.parts import Telemetry


def compose(
    settings: Settings,
    mode: Mode,
    clock: Clock,
    *,
    local_token: str,
    environ: Mapping[str, str] | None = None,
) -> Pitwall:
    """Open the state store, check that the settings are safe, and put the server together.

    The telemetry store begins to open as soon as the checks have passed.

    Args:
        local_token: Lets the command line of the server's own user in.
        environ: Where references of channels to secrets look.

    Raises:
        UnsafeProduction: The prod profile with unsafe settings.
        UnsafeBinding: A stranger could reach the server, and there is no API key.
        StateStoreTooNew: A newer version of Pitwall has used this state.
        StateUnavailable: The state store cannot be reached.
    """
    state = StateStore(settings.state_url, clock=clock).open()
    store = TelemetryStore(settings)
    try:
        access = _access(settings, state, clock, local_token)
        store.begin()
        telemetry = _telemetry(settings, mode, clock, state, store, environ or {})
        return Pitwall(
            settings=settings,
            mode=mode,
            clock=clock,
            state=state,
            access=access,
            components=telemetry.components(access),
            background=telemetry.background(),
            web=telemetry.web_features,
        )
    except BaseException:
        with suppress(TimeoutError):
            store.stop(settings.server.shutdown_seconds)
        state.close()
        raise


def _telemetry(
    settings: Settings,
    mode: Mode,
    clock: Clock,
    state: StateStore,
    store: TelemetryStore,
    environ: Mapping[str, str],
) -> Telemetry:
    # Half of the server's code, imported while the store opens.
    from pitwall.server.parts import Telemetry

    return Telemetry(settings, mode, clock, state, store, environ)


def _access(settings: Settings, state: StateStore, clock: Clock, local_token: str) -> AccessService:
    host = settings.server.host
    access = AccessService(
        state,
        clock,
        allow_anonymous=settings.access.anonymous == "loopback" and is_loopback_host(host),
        authenticators=[LocalTokenAuthenticator(local_token)],
    )
    has_keys = access.has_keys()
    refuse_unsafe_production(settings, has_api_keys=has_keys)
    check_exposure(host, has_keys=has_keys)
    return access
