"""Which trackers the settings know, and opening one: only what is named is imported."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from pitwall.evals.trackers.errors import TrackerNotConfigured
from pitwall.evals.trackers.types import TrackerName
from pitwall.settings.tracker_groups import TrackersSettings

if TYPE_CHECKING:
    from pitwall.evals.trackers.client import Address, TrackerClient
    from pitwall.evals.trackers.sending import Tracker

_NEEDED: Final = {
    TrackerName.LANGFUSE: ("url", "public_key", "secret_key"),
    TrackerName.PHOENIX: ("url",),
    TrackerName.MLFLOW: ("url",),
}


def check_configured(settings: TrackersSettings, names: Sequence[TrackerName]) -> None:
    """Refuse trackers that nothing could be sent to.

    Raises:
        TrackerNotConfigured: A setting of one is missing.
    """
    for name in names:
        group = getattr(settings, name.value)
        missing = [field for field in _NEEDED[name] if getattr(group, field) is None]
        if missing:
            paths = [f"trackers.{name.value}.{field}" for field in missing]
            variables = [f"PITWALL_{path.upper().replace('.', '__')}" for path in paths]
            raise TrackerNotConfigured(
                f"The tracker {name.value} is not configured: {', '.join(paths)} "
                f"{'are' if len(paths) > 1 else 'is'} not set.",
                hint=f"Set {' and '.join(variables)}, or name it in the settings file.",
                details={"settings": paths},
            )


@contextmanager
def open_tracker(name: TrackerName, settings: TrackersSettings) -> Iterator[Tracker]:
    """Yield a tracker; nothing is asked of it yet.

    Raises:
        TrackerNotConfigured: The settings lack something.
    """
    check_configured(settings, [name])
    from pitwall.evals.trackers.client import Limits, TrackerClient  # HTTP, only for runs that are sent

    address, make = _parts(name, settings)
    client = TrackerClient(address, Limits(settings.timeout_seconds, settings.max_seconds))
    try:
        yield make(client)
    finally:
        client.close()


def _parts(
    name: TrackerName, settings: TrackersSettings
) -> tuple[Address, Callable[[TrackerClient], Tracker]]:
    match name:
        case TrackerName.LANGFUSE:
            from pitwall.evals.trackers import langfuse

            address = langfuse.address_of(settings.langfuse)
            return address, lambda client: langfuse.Langfuse(client, address.url)
        case TrackerName.PHOENIX:
            from pitwall.evals.trackers import phoenix

            address = phoenix.address_of(settings.phoenix)
            return address, lambda client: phoenix.Phoenix(client, address.url, settings.phoenix.project)
        case TrackerName.MLFLOW:
            from pitwall.evals.trackers import mlflow

            address = mlflow.address_of(settings.mlflow)
            return address, lambda client: mlflow.Mlflow(client, address.url, settings.mlflow.experiment)
