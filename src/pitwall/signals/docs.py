"""Writes the reference of the core signals: `python -m pitwall.signals.docs docs/reference/signals.md`."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from pitwall.kit.pages import write_page
from pitwall.signals.catalogue import Catalogue, Signal, core_pack, load_catalogue

_HEAD = """# Core signals / 기본 신호

Generated from the core pack by `python -m pitwall.signals.docs`; do not edit.
기본 팩에서 생성한 문서입니다. 직접 고치지 마세요.

A value rests on its count of observations; a window with fewer than the band needs is `no_data`, never 0.
값은 관측 수를 함께 가집니다. 구간의 관측 수가 밴드 기준보다 적으면 0이 아니라 `no_data`입니다.

Values are exact, except that a quantile of times, input or output tokens is within 1 % of the value at its
rank. Where a window is no whole minutes or a condition asks for more than dimensions, the single records
answer: exactly, but more slowly.
값은 정확합니다. 다만 시간과 입출력 토큰의 분위수는 그 순위의 값에서 1 % 안에 있습니다.
구간이 분 단위가 아니거나 조건이 차원 밖의 것을 보면 개별 기록에서 정확하게, 그러나 더 느리게 답합니다.
"""


def reference(catalogue: Catalogue) -> str:
    """The reference page: a section per group, a block per signal, in both languages."""
    parts = [_HEAD]
    for group, members in groupby(sorted(catalogue, key=_group), key=_group):
        parts.append(f"## {group}\n")
        parts += [_block(signal) for signal in members]
    return "\n".join(parts)


def _group(signal: Signal) -> str:
    return signal.name.partition(".")[0]


def _block(signal: Signal) -> str:
    lines = [
        f"### `{signal.name}`\n",
        f"**{signal.title.en}**. {signal.description.en}\n",
        f"**{signal.title.ko}**. {signal.description.ko}\n",
        "| | |",
        "|---|---|",
        *(f"| {name} | {text} |" for name, text in _facts(signal)),
    ]
    return "\n".join(lines) + "\n"


def _facts(signal: Signal) -> Iterable[tuple[str, str]]:
    if signal.over is not None:
        yield "over / 대상", f"`{signal.over}`"
    yield "value / 값", f"`{signal.value}`"
    yield "unit / 단위", f"{signal.unit}, better {signal.better}"
    if signal.by:
        yield "by / 구분", ", ".join(signal.by)
    bands = signal.bands
    limits = [
        f"{name} `{limit}`"
        for name, limit in (
            ("normal", bands.normal),
            ("warning", bands.warning),
            ("critical", bands.critical),
        )
        if limit
    ]
    if limits:
        yield "bands / 밴드", f"{', '.join(limits)}, from {bands.min_count} observations"


if __name__ == "__main__":
    write_page(reference(load_catalogue([core_pack()])))
