"""Services: addresses that answer, and the probes of the project."""

from __future__ import annotations

from typing import Any

from pitwall.checks.findings import error, filled, passed, skipped, warning, wrong
from pitwall.checks.items import HttpItem, Item, ProbesItem
from pitwall.checks.surroundings import Looking
from pitwall.checks.types import Finding
from pitwall.kit.i18n import Text
from pitwall.probes.types import HttpProbe, Outcome, Probe, ProbeStatus

_ANSWERS = Text("{where} answers, {latency:.0f} ms", "{where} 응답 정상, {latency:.0f}ms")
_PROBLEM = Text("{where}: {problem}", "{where}: {problem}")
_NO_PROBES = Text(
    "the project has no such probe; `pitwall probes add` adds one",
    "해당하는 프로브가 프로젝트에 없습니다. `pitwall probes add`로 추가할 수 있습니다",
)
_UP = Text("{names}: up", "{names}: 정상")


def look_http(item: HttpItem, looking: Looking) -> Finding:
    """Ask an address once, as a probe does."""
    fields = item.model_dump(
        mode="python", by_alias=True, include={"url", "status", "contains", "json_value"}
    )
    probe = HttpProbe.model_validate(
        {"name": item.name, "timeout_seconds": min(item.timeout_seconds, 60.0), "retries": 1, **fields}
    )
    outcome = looking.around.runner.run(f"checks of {looking.project}", probe)
    return _found(item, probe, outcome)


def look_probes(item: ProbesItem, looking: Looking) -> Finding:
    """Run the probes of the project now; the worst decides."""
    probes = [
        state.probe
        for state in looking.around.probes.list(looking.project)
        if state.probe.is_enabled and (not item.of or state.probe.kind in item.of)
    ]
    if not probes:
        return skipped(_NO_PROBES)
    outcomes = [looking.around.probes.run_probe(looking.project, probe).outcome for probe in probes]
    bad = [(probe, one) for probe, one in zip(probes, outcomes, strict=True) if one.error is not None]
    if not bad:
        return passed(_UP, names=", ".join(probe.name for probe in probes))
    worst = max(bad, key=lambda pair: _WEIGHT[pair[1].status])[1].status
    return _together(item, worst, [_told(probe.name, outcome) for probe, outcome in bad])


_WEIGHT = {ProbeStatus.UP: 0, ProbeStatus.DEGRADED: 1, ProbeStatus.UNKNOWN: 2, ProbeStatus.DOWN: 3}


def _found(item: Item, probe: Probe, outcome: Outcome) -> Finding:
    if outcome.error is None:
        return passed(
            _ANSWERS, where=probe.target, latency=outcome.latency_ms, value=outcome.latency_ms, unit="ms"
        )
    return _together(item, outcome.status, [_told(probe.target, outcome)])


def _together(item: Item, status: ProbeStatus, told: list[Text]) -> Finding:
    text = Text("{en}", "{ko}")
    values: dict[str, Any] = {
        "en": "; ".join(one.en for one in told),
        "ko": "; ".join(one.ko for one in told),
    }
    if status is ProbeStatus.DEGRADED:
        return warning(text, **values)
    return error(text, **values) if status is ProbeStatus.UNKNOWN else wrong(item, text, **values)


def _told(name: str, outcome: Outcome) -> Text:
    problem = outcome.error or Text("", "")
    return Text(
        filled(_PROBLEM, where=name, problem=problem.en).en,
        filled(_PROBLEM, where=name, problem=problem.ko).ko,
    )
