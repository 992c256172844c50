"""How items say what they found, in both languages."""

from __future__ import annotations

from typing import Any

from pitwall.checks.items import Item
from pitwall.checks.types import Finding, ItemStatus
from pitwall.kit.i18n import Language, Text


def filled(text: Text, **values: Any) -> Text:
    """A text with its values, in both languages."""
    return Text(text.say(Language.ENGLISH, **values), text.say(Language.KOREAN, **values))


def passed(text: Text, *, value: float | None = None, unit: str | None = None, **values: Any) -> Finding:
    """All is as it should be."""
    return Finding(ItemStatus.PASSED, filled(text, **values), value, unit)


def wrong(
    item: Item, text: Text, *, value: float | None = None, unit: str | None = None, **values: Any
) -> Finding:
    """Something is not as it should be; how bad that is the item says."""
    return Finding(ItemStatus(item.severity), filled(text, **values), value, unit)


def warning(text: Text, *, value: float | None = None, unit: str | None = None, **values: Any) -> Finding:
    """Something may become wrong."""
    return Finding(ItemStatus.WARNING, filled(text, **values), value, unit)


def skipped(text: Text, **values: Any) -> Finding:
    """There was nothing to look at."""
    return Finding(ItemStatus.SKIPPED, filled(text, **values))


def error(text: Text, **values: Any) -> Finding:
    """It could not be looked at."""
    return Finding(ItemStatus.ERROR, filled(text, **values))
