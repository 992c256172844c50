"""How numbers and verdicts of comparisons are said, in English and Korean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pitwall.evals.comparison.types import Verdict
from pitwall.kit.i18n import Text

VERDICTS: Final[Mapping[Verdict, Text]] = {
    Verdict.BETTER: Text("better", "개선"),
    Verdict.WORSE: Text("worse", "악화"),
    Verdict.NO_DIFFERENCE_SHOWN: Text("no difference shown", "차이 확인 안 됨"),
    Verdict.NOT_ENOUGH_DATA: Text("not enough data", "데이터 부족"),
}

ABSENT: Final = "-"
_DECIMALS: Final = {"ratio": 3, "ms": 0, "usd": 4}


def number(value: float | None, unit: str, *, signed: bool = False) -> str:
    """Say a value with its unit; ratios have none."""
    if value is None:
        return ABSENT
    decimals = _DECIMALS.get(unit, 3)
    suffix = "" if unit == "ratio" else f" {unit}"
    sign = "+" if signed else ""
    return f"{value:{sign}.{decimals}f}{suffix}"


def between(low: float, high: float, unit: str, *, signed: bool = False) -> str:
    """Say an interval."""
    return f"[{number(low, unit, signed=signed)}, {number(high, unit, signed=signed)}]"


def difference(point: float | None, bounds: tuple[float, float] | None, unit: str) -> str:
    """Say a difference with its interval, if it has one."""
    said = number(point, unit, signed=True)
    return said if bounds is None else f"{said} {between(*bounds, unit, signed=True)}"


def p_value(p: float | None) -> str:
    """Say a p-value; very small ones by their order."""
    if p is None:
        return ABSENT
    return "< 0.0001" if p < 1e-4 else f"{p:.2g}" if p < 0.1 else f"{p:.2f}"
