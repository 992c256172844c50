"""Prometheus alert rules on the metrics of `/metrics`: the bands of signals, and the server itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from pitwall.signals.bands import Limit
from pitwall.signals.catalogue import Catalogue, Signal
from pitwall.signals.openmetrics import metric_name, observations_name, part_labels

HOLD = "5m"
SOURCE = "pitwall"
"""Value of the label `source` of every rule, by which an Alertmanager tells them from others."""

SERVER_RULES: tuple[dict[str, Any], ...] = (
    {
        "alert": "PitwallDown",
        "expr": 'up{job="pitwall"} == 0',
        "for": "2m",
        "labels": {"severity": "critical", "source": SOURCE},
        "annotations": {
            "summary": "Pitwall {{ $labels.instance }} does not answer",
            "summary_ko": "Pitwall {{ $labels.instance }}에서 응답이 없습니다",
            "description": "Applications keep what they cannot send for a while only. Start it again.",
            "description_ko": "애플리케이션은 보내지 못한 데이터를 잠시만 보관합니다. 다시 시작하세요.",
        },
    },
    {
        "alert": "PitwallIngestLag",
        "expr": "max by (instance) (pitwall_ingest_lag_seconds) > 60",
        "for": HOLD,
        "labels": {"severity": "warning", "source": SOURCE},
        "annotations": {
            "summary": "Pitwall stores what came in {{ $value | humanizeDuration }} late",
            "summary_ko": "Pitwall에 들어온 데이터가 {{ $value | humanizeDuration }} 늦게 저장됩니다",
            "description": "The store is slow or away; what was acknowledged waits in the log.",
            "description_ko": "저장소가 느리거나 연결되지 않습니다. 접수한 데이터는 로그에서 기다립니다.",
        },
    },
)


@dataclass(frozen=True, slots=True)
class BandRule:
    """One band of a signal as a rule: on the whole, and on its parts where it has some."""

    signal: Signal
    severity: str
    limit: Limit

    @property
    def alert(self) -> str:
        """Its name, such as `PitwallLlmSuccessRateCritical`."""
        words = "".join(part.title() for part in self.signal.name.replace("_", ".").split("."))
        return f"Pitwall{words}{self.severity.title()}"

    @property
    def splits(self) -> tuple[tuple[str, ...], ...]:
        """The labels of the series it looks at; none for the whole."""
        return tuple(dict.fromkeys(((), part_labels(self.signal))))

    def written(self) -> dict[str, Any]:
        """The rule as Prometheus reads it."""
        signal = self.signal
        return {
            "alert": self.alert,
            "expr": " or ".join(self._beyond(by) for by in self.splits),
            "for": HOLD,
            "labels": {"severity": self.severity, "signal": signal.name, "source": SOURCE},
            "annotations": {
                "summary": f"{signal.title.en} {self.limit} {signal.unit}",
                "summary_ko": f"{signal.title.ko} {self.limit} {signal.unit}",
                "description": signal.description.en,
                "description_ko": signal.description.ko,
            },
        }

    def _beyond(self, by: tuple[str, ...]) -> str:
        signal = self.signal
        enough = f'{observations_name(by)}{{signal="{signal.name}"}} >= {signal.bands.min_count}'
        return f"({metric_name(signal.name, by)} {self.limit} and ignoring(signal) {enough})"


def band_rules(catalogue: Catalogue) -> Iterator[BandRule]:
    """Every band as a rule, in the order of the catalogue."""
    for signal in catalogue:
        for severity, limit in (("warning", signal.bands.warning), ("critical", signal.bands.critical)):
            if limit is not None:
                yield BandRule(signal, severity, limit)


def yaml_text(document: Any) -> str:
    """YAML as the files have it: in the order given, a value in its line."""
    return yaml.dump(document, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=1000)


class _Plain(yaml.SafeDumper):
    """Writes what stands twice twice: other tools need not know anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True
