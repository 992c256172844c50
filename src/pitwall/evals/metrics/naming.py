r"""How a metric is asked for: `ndcg`, `ndcg@10`, `ndcg:k=10:gain=exp`, `regex:pattern=^\d+$`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pitwall.evals.metrics.errors import InvalidMetricOption
from pitwall.evals.metrics.types import ConfigurableMetric, Metric

# `:` separates options only before `name=`, so that a pattern may hold one.
_NEXT_OPTION: Final = re.compile(r":(?=[a-z_]+=)")
_CUT: Final = re.compile(r"@(\d+)$")
# A comma with a backslash before it is part of a value; in a pattern it means the same as the comma alone.
_COMMA: Final = re.compile(r"(?<!\\),")


@dataclass(frozen=True, slots=True)
class MetricName:
    """A name as it was asked for, and the options with it."""

    base: str
    options: Mapping[str, str]


def split_names(text: str) -> list[str]:
    r"""Split `faithfulness,ndcg@10` at its commas; `\,` is a comma inside a value."""
    parts = (part.replace("\\,", ",").strip() for part in _COMMA.split(text))
    return list(dict.fromkeys(part for part in parts if part))


def parse_name(text: str) -> MetricName:
    """Take a name apart into its base and its options.

    Raises:
        InvalidMetricOption: An option is given twice, or has no `=`.
    """
    head, *rest = _NEXT_OPTION.split(text.strip())
    if ":" in head:
        raise InvalidMetricOption(
            f"Metric {text!r} has an option without `=`.", hint="Write it as `name:option=value`."
        )
    options: dict[str, str] = {}
    cut = _CUT.search(head)
    if cut:
        head, options["k"] = head[: cut.start()], cut[1]
    for part in rest:
        name, _, value = part.partition("=")
        if name in options:
            raise InvalidMetricOption(f"Metric {text!r} has the option {name!r} twice.", hint="Give it once.")
        options[name] = value
    return MetricName(head, options)


def configure(metric: Metric, options: Mapping[str, str]) -> Metric:
    """Return a metric with options set; its name says those that are not at their defaults.

    Raises:
        InvalidMetricOption: The metric has no such option, lacks one, or cannot use the value.
    """
    if not isinstance(metric, ConfigurableMetric):
        if options:
            raise _no_such_option(metric, next(iter(options)), ())
        return metric
    known = [option.name for option in metric.options]
    for name in options:
        if name not in known:
            raise _no_such_option(metric, name, known)
    values = {**metric.defaults, **options}
    for option in metric.options:
        if option.name not in values:
            raise InvalidMetricOption(
                f"Metric {metric.spec.name!r} needs the option {option.name!r}: {option.description.en}",
                hint=f"Write `{metric.spec.name}:{option.name}=...`.",
            )
    return _build(metric, values)


def _build(metric: ConfigurableMetric, values: Mapping[str, str]) -> Metric:
    spec = replace(metric.spec, name=_full_name(metric, values), options=tuple(sorted(values.items())))
    try:
        return metric.build(spec, values)
    except ValueError as error:
        raise InvalidMetricOption(
            f"Metric {metric.spec.name!r}: {error}.",
            hint=f"Its options are {', '.join(option.name for option in metric.options)}.",
        ) from error


def _full_name(metric: ConfigurableMetric, values: Mapping[str, str]) -> str:
    own = {name: value for name, value in values.items() if metric.defaults.get(name) != value}
    cut = own.pop("k", None)
    name = metric.spec.name if cut is None else f"{metric.spec.name}@{cut}"
    return ":".join([name, *(f"{key}={value}" for key, value in sorted(own.items()))])


def _no_such_option(metric: Metric, name: str, known: Sequence[str]) -> InvalidMetricOption:
    hint = f"Its options are {', '.join(known)}." if known else "It has no options."
    return InvalidMetricOption(f"Metric {metric.spec.name!r} has no option {name!r}.", hint=hint)
