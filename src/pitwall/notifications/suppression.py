"""Which alerts nobody is told of, and why: maintenance, inhibition, silences, in this order. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pitwall.notifications.maintenance import MaintenanceWindow
from pitwall.notifications.matchers import match_all
from pitwall.notifications.types import Inhibition, KnownAlert, Silence, Suppression


@dataclass(frozen=True, slots=True)
class Quiet:
    """What can keep people from being told."""

    windows: Sequence[MaintenanceWindow] = ()
    inhibitions: Sequence[Inhibition] = ()
    silences: Sequence[Silence] = ()

    def is_any(self, now: datetime) -> bool:
        """Whether anything could keep people from being told now."""
        return (
            bool(self.inhibitions)
            or any(window.when.is_open(now) for window in self.windows)
            or any(silence.is_open(now) for silence in self.silences)
        )


def find_suppressed(alerts: Iterable[KnownAlert], quiet: Quiet, now: datetime) -> dict[str, Suppression]:
    """Return the active alerts that nobody is told of, by id, each with every reason."""
    labelled = {alert.id: alert.labels for alert in alerts if alert.is_active}
    inhibitors = [_Inhibitor.of(rule, labelled) for rule in quiet.inhibitions]
    windows = [window for window in quiet.windows if window.when.is_open(now)]
    silences = [silence for silence in quiet.silences if silence.is_open(now)]
    found = {}
    for alert_id, labels in labelled.items():
        suppression = Suppression(
            muted_by=tuple(one.name for one in windows if match_all(one.matchers, labels)),
            inhibited_by=tuple(
                dict.fromkeys(one for rule in inhibitors for one in rule.sources_of(alert_id, labels))
            ),
            silenced_by=tuple(one.id for one in silences if match_all(one.matchers, labels)),
        )
        if suppression:
            found[alert_id] = suppression
    return found


@dataclass(frozen=True, slots=True)
class _Inhibitor:
    """An inhibition rule with the alerts that are its source now, by the values of the equal labels."""

    rule: Inhibition
    sources: Mapping[tuple[str, ...], Sequence[str]]
    two_sided: frozenset[str]

    @classmethod
    def of(cls, rule: Inhibition, labelled: Mapping[str, Mapping[str, str]]) -> _Inhibitor:
        sources: dict[tuple[str, ...], list[str]] = {}
        two_sided = set()
        for alert_id, labels in labelled.items():
            key = _equal_values(rule, labels)
            if key is None or not match_all(rule.source, labels):
                continue
            sources.setdefault(key, []).append(alert_id)
            if match_all(rule.target, labels):
                two_sided.add(alert_id)
        return cls(rule, sources, frozenset(two_sided))

    def sources_of(self, alert_id: str, labels: Mapping[str, str]) -> list[str]:
        """The alerts that keep people from being told of one; those that are source and target alike do
        not inhibit one another, or nobody would be told of any of them."""
        key = _equal_values(self.rule, labels)
        if key is None or not match_all(self.rule.target, labels):
            return []
        is_two_sided = alert_id in self.two_sided
        return [
            source
            for source in self.sources.get(key, ())
            if source != alert_id and not (is_two_sided and source in self.two_sided)
        ]


def _equal_values(rule: Inhibition, labels: Mapping[str, str]) -> tuple[str, ...] | None:
    """The values that have to agree; None if one is missing, which never agrees."""
    values = tuple(labels.get(name, "") for name in rule.equal)
    return values if all(values) else None
