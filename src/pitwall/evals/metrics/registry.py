"""Metrics by name: Pitwall's own, those of installed packages, and those of a file that the user names.

A metric module of Pitwall is named in `MODULES` and has a tuple `METRICS`. A package offers metrics by an
entry point of the group `pitwall.metrics` that names a metric or a tuple of them; a file has `METRICS`.
"""

from __future__ import annotations

import difflib
import importlib.util
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import structlog

from pitwall.evals.judging.prompts import BUILT_IN, Prompts
from pitwall.evals.metrics.elsewhere import ELSEWHERE
from pitwall.evals.metrics.errors import BrokenMetric, UnknownMetric
from pitwall.evals.metrics.naming import configure, parse_name
from pitwall.evals.metrics.types import ConfigurableMetric, Metric, MetricSpec, WithPrompts
from pitwall.llm.simulated import register_when_asked

_log = structlog.get_logger(__name__)

GROUP: Final = "pitwall.metrics"
MODULES: Final[tuple[str, ...]] = (
    "claims",
    "factual",
    "judged_retrieval",
    "relevancy",
    "contextual_relevancy",
    "summary",
    "required_points",
    "aspects",
    "overstatement",
    "rubric",
    "judged_conversation",
    "text",
    "overlap",
    "offline_groundedness",
    "facts",
    "abstention",
    "retrieval",
    "context_match",
    "tools",
    "conversation",
    "format",
    "operation",
)
"""Modules of this package that have `METRICS`, in the order of the lists."""

_NEAR: Final = 3
_LEAST_NAME: Final = 3


@dataclass(frozen=True, slots=True)
class Problem:
    """A metric of somebody else that cannot be used: where it comes from and why."""

    source: str
    why: str


@dataclass(frozen=True, slots=True)
class Registry:
    """The metrics that can be asked for.

    Attributes:
        metrics: Each with the name of its spec; those that take options, at their defaults.
        sources: Where those come from that are not Pitwall's own, by name.
        problems: What packages offer and cannot be used.
    """

    metrics: tuple[Metric, ...]
    sources: dict[str, str]
    problems: tuple[Problem, ...]

    def __iter__(self) -> Iterator[Metric]:
        return iter(self.metrics)

    @property
    def names(self) -> list[str]:
        """The names, in the order of the lists."""
        return [metric.spec.name for metric in self.metrics]

    def with_prompts(self, prompts: Prompts) -> Registry:
        """The metrics, asking with other prompts; those with prompts of their own stay as they are."""
        if prompts == BUILT_IN:
            return self
        return replace(self, metrics=tuple(_reworded(metric, prompts) for metric in self.metrics))

    def find(self, text: str) -> Metric:
        """Return a metric as it was asked for: `ndcg`, `ndcg@10`, `regex:pattern=...`.

        Raises:
            UnknownMetric: There is none of that name; near names are in the hint.
            InvalidMetricOption: It cannot take the options.
        """
        asked = parse_name(text)
        for metric in self.metrics:
            if metric.spec.name == asked.base:
                return configure(metric, asked.options)
        raise UnknownMetric(f"There is no metric {asked.base!r}.", hint=self._near(asked.base))

    def _near(self, name: str) -> str:
        if name in ELSEWHERE:
            return f"{ELSEWHERE[name]} `pitwall eval metrics` lists what there is."
        near = difflib.get_close_matches(name, self.names, _NEAR, 0.6)
        holding = [known for known in self.names if len(name) >= _LEAST_NAME and name in known]
        near = list(dict.fromkeys([*near, *holding]))[:_NEAR]
        said = f"Do you mean {' or '.join(near)}? " if near else ""
        broken = "".join(f" {problem.source}: {problem.why}." for problem in self.problems)
        return f"{said}`pitwall eval metrics` lists them.{broken}"


def _reworded(metric: Metric, prompts: Prompts) -> Metric:
    return metric.with_prompts(prompts) if isinstance(metric, WithPrompts) else metric


@cache
def built_in() -> tuple[Metric, ...]:
    """Pitwall's own metrics; from then on the simulated judge can answer their questions."""
    register_when_asked(_register_rules)
    modules = (import_module(f"pitwall.evals.metrics.{name}") for name in MODULES)
    return tuple(metric for module in modules for metric in module.METRICS)


def _register_rules() -> None:
    from pitwall.evals.judging.simulated import register_rules

    register_rules()


def load(files: Sequence[Path] = ()) -> Registry:
    """Collect all metrics; a package that is broken is a problem in the registry, and stops nobody.

    Args:
        files: Python files of the user, each with `METRICS`.

    Raises:
        BrokenMetric: A file cannot be loaded, or holds something else than metrics.
    """
    metrics = {metric.spec.name: metric for metric in built_in()}
    sources: dict[str, str] = {}
    problems: list[Problem] = []
    for point in entry_points(group=GROUP):
        source = f"{point.name} = {point.value}"
        try:
            _add(metrics, sources, _metrics_in(point.load(), source), source)
        except Exception as error:  # noqa: BLE001 whatever a foreign package does while it is imported
            _log.exception("metric.broken", source=source)
            why = error.message if isinstance(error, BrokenMetric) else f"{type(error).__name__}: {error}"
            problems.append(Problem(source, why))
    for file in files:
        _add(metrics, sources, load_file(file), str(file))
    return Registry(tuple(metrics.values()), sources, tuple(problems))


def find(text: str, files: Sequence[Path] = ()) -> Metric:
    """Return a metric as it was asked for, among all that there are.

    Raises:
        UnknownMetric: There is none of that name.
        InvalidMetricOption: It cannot take the options.
        BrokenMetric: A file cannot be loaded.
    """
    return load(files).find(text)


def load_file(file: Path) -> tuple[Metric, ...]:
    """Return the metrics of a Python file.

    Raises:
        BrokenMetric: It is not there, fails when it is loaded, or its `METRICS` are none.
    """
    module = _execute(file)
    found = getattr(module, "METRICS", None)
    if found is None:
        raise BrokenMetric(f"{file} has no METRICS.", hint="Give it a tuple `METRICS` of metrics.")
    return _metrics_in(found, str(file))


def _execute(file: Path) -> ModuleType:
    if not file.is_file():
        raise BrokenMetric(f"There is no file {file}.", hint="Name a Python file with `METRICS`.")
    name = f"pitwall_user_metrics_{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise BrokenMetric(f"{file} is no Python file.", hint="Name a file that ends in .py.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # whatever the user's file does
        raise BrokenMetric(
            f"{file} cannot be loaded: {type(error).__name__}: {error}.", hint="Correct the file."
        ) from error
    return module


def _metrics_in(found: object, source: str) -> tuple[Metric, ...]:
    """Check that something is a metric or several.

    Raises:
        BrokenMetric: It is not.
    """
    several: Iterable[Any] = found if isinstance(found, list | tuple) else (found,)
    metrics = tuple(several)
    for metric in metrics:
        if not isinstance(getattr(metric, "spec", None), MetricSpec) or not callable(
            getattr(metric, "score", None)
        ):
            raise BrokenMetric(
                f"{source}: {metric!r} is no metric.",
                hint="A metric has `spec: MetricSpec` and `async def score(case, models)`.",
            )
    return metrics


def _add(metrics: dict[str, Metric], sources: dict[str, str], added: Sequence[Metric], source: str) -> None:
    taken = next((metric.spec.name for metric in added if metric.spec.name in metrics), None)
    if taken is not None:
        raise BrokenMetric(
            f"{source}: there is a metric {taken!r} already.", hint="Give yours a name of its own."
        )
    metrics |= {metric.spec.name: metric for metric in added}
    sources |= {metric.spec.name: source for metric in added}


def identity(metric: Metric, judge: str | None = None, embedding: str | None = None) -> str:
    """What a score is a score of: `name@version`, options, models and prompts; others do not compare.

    Args:
        judge: Name of the judging model; left out for metrics that ask none.
        embedding: Name of the model that vectors come from; left out for metrics that use none.
    """
    spec = metric.configured_spec if isinstance(metric, ConfigurableMetric) else metric.spec
    parts = [f"{parse_name(spec.name).base}@{spec.version}"]
    parts += [f"{name}={value}" for name, value in spec.options]
    if embedding is not None and spec.needs_embeddings:
        parts.append(f"embedding={embedding}")
    if judge is not None and spec.calls:
        parts.append(f"judge={judge}")
    if spec.prompts:
        parts.append(f"prompts={'+'.join(digest for _, digest in spec.prompts)}")
    return ":".join(parts)
