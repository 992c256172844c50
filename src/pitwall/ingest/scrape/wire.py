"""Targets as the settings write them."""

from __future__ import annotations

from pitwall.ingest.scrape.types import Target, TargetOrigin
from pitwall.settings.groups import ScrapeSettings


def settings_targets(settings: ScrapeSettings) -> list[Target]:
    """The targets of the settings."""
    return [
        Target(
            name=written.name,
            url=written.url,
            every_seconds=written.every_seconds,
            timeout_seconds=written.timeout_seconds,
            service=written.service,
            instance=written.instance,
            labels=written.labels,
            bearer_token=None if written.bearer_token is None else written.bearer_token.get_secret_value(),
            origin=TargetOrigin.SETTINGS,
        )
        for written in settings.targets
    ]
