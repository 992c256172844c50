"""Writes the reference of the metrics: `python -m pitwall.evals.metrics.docs docs/reference/metrics.md`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from pitwall.evals.metrics.presets import MODES, PRESETS
from pitwall.evals.metrics.registry import built_in, identity
from pitwall.evals.metrics.types import ConfigurableMetric, Family, Metric, Needs, Per
from pitwall.kit.pages import write_page

_HEAD = """# Metrics / 지표

Generated from the code by `python -m pitwall.evals.metrics.docs`; do not edit.
코드에서 생성한 문서입니다. 직접 고치지 마세요.

A score has a status: only `scored` has a value and enters a mean. A field that a case lacks makes the metric
`not_applicable` (reason `no_<field>`); an empty answer and a target that failed are an `error`, never 0.
점수에는 상태가 있습니다. `scored`만 값이 있고 평균에 들어갑니다. 사례에 없는 값이 필요하면 `not_applicable`
(이유 `no_<field>`), 빈 답변과 실패한 대상은 0이 아니라 `error`입니다.

Options are part of the name: `ndcg@10`, `ndcg:gain=exp`, `regex:pattern=^[0-9]+$`. The identity says what a
score is a score of; scores of other identities do not compare.
옵션은 이름의 일부입니다. 식별자는 무엇을 잰 점수인지 말하며, 식별자가 다르면 비교할 수 없습니다.
"""


def reference(metrics: Sequence[Metric] | None = None) -> str:
    """The reference page: a section per family, a block per metric, in both languages, then the presets."""
    order = list(Family)
    known = sorted(
        built_in() if metrics is None else metrics, key=lambda metric: order.index(metric.spec.family)
    )
    parts = [_HEAD]
    for family, members in groupby(known, key=lambda metric: metric.spec.family):
        parts.append(f"## {family.value}\n")
        parts += [_block(metric) for metric in members]
    return "\n".join([*parts, *_sets()])


def _block(metric: Metric) -> str:
    spec = metric.spec
    lines = [
        f"### `{spec.name}`\n",
        f"**{spec.title.en}**. {spec.description.en}\n",
        f"**{spec.title.ko}**. {spec.description.ko}\n",
        "| | |",
        "|---|---|",
        *(f"| {name} | {text} |" for name, text in _facts(metric)),
    ]
    return "\n".join(lines) + "\n"


def _facts(metric: Metric) -> Iterator[tuple[str, str]]:
    spec = metric.spec
    lowest, highest = ("-" if limit is None else f"{limit:g}" for limit in (spec.lowest, spec.highest))
    yield "identity / 식별자", f"`{identity(metric)}`"
    yield "range / 범위", f"{lowest} to {highest} {spec.unit}, better {spec.direction.value}"
    if spec.threshold is not None:
        yield "passes at / 통과 기준", f"{spec.threshold:g}"
    if spec.needs:
        yield "needs / 필요한 값", ", ".join(f"`{need.value}`" for need in Needs if need in spec.needs)
    if spec.calls or spec.needs_embeddings:
        each = " for each turn" if spec.calls_per is Per.TURN else ""
        calls = f"{spec.calls} at most{each}" + (", and embeddings" if spec.needs_embeddings else "")
        yield "judge calls / 판정 호출", calls
    if spec.requires_extra:
        yield "extra", f"`pitwall[{spec.requires_extra}]`"
    if isinstance(metric, ConfigurableMetric):
        for option in metric.options:
            default = "" if option.default is None else f" Default `{option.default}`."
            told = f"{option.description.en} {option.description.ko}{default}"
            yield f"`{option.name}`", told.replace("|", "\\|")


def _sets() -> Iterable[str]:
    yield "## Presets and modes / 프리셋과 모드\n"
    yield "| | |\n|---|---|"
    for name, metrics in PRESETS.items():
        yield f"| preset `{name}` | {', '.join(f'`{metric}`' for metric in metrics)} |"
    for mode, fixed in MODES.items():
        told = "those that are named / 지정한 지표" if fixed is None else ", ".join(f"`{m}`" for m in fixed)
        yield f"| mode `{mode}` | {told} |"
    yield ""


if __name__ == "__main__":
    write_page(reference())
