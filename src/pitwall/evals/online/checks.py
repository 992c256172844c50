"""Whether a rule can score live traces as it is written; pure, but for loading metrics."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from pitwall.core.errors import InvalidInput, PitwallError
from pitwall.evals.metrics.registry import Registry
from pitwall.evals.metrics.types import Metric, Needs
from pitwall.evals.online.errors import OnlineRuleInvalid
from pitwall.evals.online.types import RuleContent
from pitwall.kit.text import check_line
from pitwall.signals.pack_files import Place
from pitwall.traces.wire import read_filters

MAX_NAME: Final = 100
_NOT_LIVE: Final = frozenset(
    (
        Needs.REFERENCE,
        Needs.REFERENCE_CONTEXTS,
        Needs.RELEVANCE,
        Needs.REFERENCE_TOOL_CALLS,
        Needs.TURNS,
    )
)
"""What no live trace has."""


def checked_name(name: str) -> str:
    """Return the name of a rule as it is kept.

    Raises:
        OnlineRuleInvalid: No rule may be called so.
    """
    try:
        checked = check_line(name.strip())
    except ValueError as error:
        raise OnlineRuleInvalid(f"The name of the rule {error}.") from error
    if not 0 < len(checked) <= MAX_NAME or "/" in checked:
        raise OnlineRuleInvalid(
            f"{checked!r} is no name of a rule.", hint=f"Give 1 to {MAX_NAME} characters without a slash."
        )
    return checked


def checked_metrics(content: RuleContent, registry: Registry, now: datetime) -> list[Metric]:
    """Return the metrics of a rule.

    Raises:
        InvalidInput, NotFound: It names something that there is not, or that no live trace has.
    """
    for _, error in problems_of(content, registry, now):
        raise error
    return [registry.find(name) for name in content.metrics]


def problems_of(
    content: RuleContent, registry: Registry, now: datetime
) -> Iterator[tuple[Place, PitwallError]]:
    """Find what is wrong with a rule, each with its place; models are not looked at."""
    for index, condition in enumerate(content.filters):
        try:
            read_filters([condition], now=now)
        except InvalidInput as error:
            yield ("filters", index), error
    known: set[str] = set()
    for index, name in enumerate(content.metrics):
        try:
            metric = registry.find(name)
            _check_live(metric)
        except PitwallError as error:
            yield ("metrics", index), error
            continue
        if metric.spec.name in known:
            yield (
                ("metrics", index),
                OnlineRuleInvalid(
                    f"Metric {metric.spec.name!r} is named twice.", hint="Name each metric once."
                ),
            )
        known.add(metric.spec.name)


def _check_live(metric: Metric) -> None:
    absent = sorted(need.value for need in metric.spec.needs & _NOT_LIVE)
    if absent:
        raise OnlineRuleInvalid(
            f"Metric {metric.spec.name!r} needs {', '.join(absent)}, which live traces do not have.",
            hint="Make a dataset of traces with `pitwall datasets from-traces`, add references, and use "
            "`pitwall eval run`.",
            details={"metric": metric.spec.name, "needs": absent},
        )
