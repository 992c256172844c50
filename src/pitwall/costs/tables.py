"""Rows and columns of the tables that `pitwall costs` prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pitwall.kit.cli_output import Column
from pitwall.kit.i18n import Language, Text
from pitwall.kit.money import format_usd, usd

_SO_FAR: Final = Text("so far", "이번 달 비용")
_PROJECTED: Final = Text("projected", "월 예상 비용")
_BEFORE: Final = Text("month before", "지난달 비용")
_CALLS: Final = Text("model calls", "모델 호출")
_REQUESTS: Final = Text("requests", "요청")
_TOKENS: Final = Text("tokens", "토큰")
_PER_REQUEST: Final = Text("per request", "요청당 비용")
_UNPRICED: Final = Text("without a price", "단가를 모르는 호출")
_UNPRICED_CALLS: Final = Text(
    "{count} calls are in no amount: {models}", "{count}건은 금액에서 빠져 있습니다: {models}"
)
_REST: Final = Text("(others)", "(그 밖)")
_NOBODY: Final = Text("(none)", "(없음)")
_BEGINS: Final = Text("“{begin}”", "“{begin}”")


def dollars(amount: str | None) -> str:
    """An amount of the API for people; a dash for unknown."""
    return format_usd(None if amount is None else usd(amount))


def percent(ratio: float) -> str:
    """A part of a whole for people."""
    return f"{ratio * 100:.1f} %"


def signed_percent(change: float) -> str:
    """A change for people."""
    return f"{change * 100:+.0f} %"


def count(number: float) -> str:
    """A whole number for people."""
    return f"{number:,.0f}"


SPEND_COLUMNS: Final = (
    Column("name", "name", wrap=True),
    Column("detail", "detail", gives_way=5),
    Column("cost_usd", "cost", "right", show=dollars),
    Column("share", "share", "right", show=percent, gives_way=1),
    Column("change", "change", "right", show=signed_percent, gives_way=2),
    Column("calls", "calls", "right", show=count, gives_way=3),
    Column("cost_per_request_usd", "per request", "right", show=dollars, gives_way=6),
    Column("cost_per_call_usd", "per call", "right", show=dollars, gives_way=4),
    Column("tokens_per_call", "tokens/call", "right", show=count, gives_way=7),
    Column("unpriced_calls", "unpriced", "right", show=count, gives_way=8),
)


def spend_rows(rows: Sequence[Mapping[str, Any]], language: Language) -> list[dict[str, Any]]:
    """Rows of spend with names that people read."""
    return [{**row, "name": _name(row, language)} for row in rows]


def _name(row: Mapping[str, Any], language: Language) -> str:
    if row["is_rest"]:
        return _REST.say(language)
    if not row["name"]:
        return _NOBODY.say(language)
    return row["name"] if row["is_named"] else _BEGINS.say(language, begin=row["name"])


def summary_facts(answer: Mapping[str, Any], language: Language) -> list[dict[str, Any]]:
    """What is known of a month, a fact per row."""
    month = answer["month"]
    facts = {
        _SO_FAR: dollars(answer["month_to_date_usd"]),
        _PROJECTED: answer["projection"]["text"][language.value],
        _BEFORE: dollars(answer["previous_month_usd"]),
        _CALLS: count(answer["calls"]),
        _REQUESTS: count(answer["requests"]),
        _TOKENS: None if answer["tokens"] is None else count(answer["tokens"]),
        _PER_REQUEST: dollars(answer["cost_per_request_usd"]),
    }
    unpriced = answer["unpriced"]
    if unpriced["calls"]:
        models = ", ".join(f"{one['model'] or '?'} ({one['calls']:,})" for one in unpriced["models"])
        facts[_UNPRICED] = _UNPRICED_CALLS.say(language, count=count(unpriced["calls"]), models=models)
    rows = [{"fact": fact.say(language), "value": value} for fact, value in facts.items()]
    return [{"fact": month["name"], "value": month["timezone"]}, *rows]


def advice_rows(suggestions: Sequence[Mapping[str, Any]], language: Language) -> list[dict[str, Any]]:
    """Suggestions as rows."""
    return [
        {
            **one,
            "range": f"{dollars(one['saving_low'])}–{dollars(one['saving_high'])}",
            "title": one["title"][language.value],
            "detail": one["detail"][language.value],
            "example": next(iter(one["example_trace_ids"]), None),
        }
        for one in suggestions
    ]
