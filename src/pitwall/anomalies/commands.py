"""`pitwall signals anomalies`: what a detector would have told of a signal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import click

from pitwall.access.reach import reach
from pitwall.anomalies.explain import format_number
from pitwall.kit.cli_options import Target, output_option, target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit
from pitwall.kit.i18n import Language, Text, choose_language
from pitwall.kit.sparkline import sparkline
from pitwall.signals.render import chart
from pitwall.traces.command_options import ago

_COLUMNS = 100
_MARK = "▲"
_NO_ALARMS = Text(
    "No alarm in {judged} judged windows of {series} series.",
    "판단한 구간 {judged}개, 계열 {series}개에서 알람이 없습니다.",
)
_NO_DATA = Text(
    "No data from {since} until {until}; `pitwall signals explain {name}` says why.",
    "{since}부터 {until} 전까지 데이터가 없습니다. 이유: `pitwall signals explain {name}`",
)
_LEFT_OUT = Text(
    "{count} more series were not looked at; --max-series or a filter shows others.",
    "계열 {count}개는 보지 않았습니다. --max-series나 조건으로 더 볼 수 있습니다.",
    en_one="1 more series was not looked at; --max-series or a filter shows others.",
)


@click.command()
@click.argument("name")
@click.option("--since", help="Start of the range: 1d (ago), now-1d or ISO 8601; default now-7d.")
@click.option("--until", help="End of the range; default is the last complete window.")
@click.option("--step", help="Length of the windows, such as 5m; default 1h.")
@click.option("--by", help="Labels that split the signal, separated by commas; each series is judged alone.")
@click.option("--where", help="Condition on the records, such as \"model = 'gpt-4o'\".")
@click.option("--detector", help="seasonal (default), isolation_forest, change_point, rolling_z or another.")
@click.option("--learn", help="So much before the range is learnt first; default 28d, 0 for nothing.")
@click.option(
    "--false-alarms", type=float, help="Alarms a week and series that are acceptable by chance; default 1."
)
@click.option("--max-series", type=click.IntRange(1, 200), help="Series at most; default 20.")
@click.option("--timezone", help="In which weekdays and hours are told, such as Asia/Seoul; default UTC.")
@click.option("--plot", is_flag=True, help="Draw the values with a mark below each alarm.")
@output_option
@target_options
def anomalies(
    target: Target, name: str, output: OutputFormat, plot: bool, false_alarms: float | None, **asked: Any
) -> None:
    """Back-test a detector: which alarms it would have raised, and what was usual.

    It sees the past window by window and learns each one after it has judged it, as it would live.

    \b
    Example:
      pitwall signals anomalies llm.p95_latency_ms --since 7d --by model
      pitwall signals anomalies requests.per_minute --step 5m --detector isolation_forest --plot
    """
    question = {**asked, "since": ago(asked["since"]), "false_alarms_per_week": false_alarms}
    with reach(target) as client:
        path = f"/api/v1/signals/{quote(name, safe='')}/anomalies"
        answer = client.get(path, {**question, "project": target.project})
    language = choose_language(target.environ)
    if plot and output is OutputFormat.TABLE:
        for line in _plot(answer):
            click.echo(line)
    emit(answer["alarms"], _columns(language), output, payload=answer, empty=_nothing(answer, language))
    if output is OutputFormat.TABLE:
        for note in _notes(answer, language):
            click.echo(note, err=True)


def _columns(language: Language) -> Sequence[Column]:
    return (
        Column("at", "AT", show=lambda at: f"{at[:16]}Z"),
        Column("labels", "SERIES", show=_series_name, gives_way=3),
        Column("value", "VALUE", "right", show=format_number),
        Column("usual", "USUAL", "right", show=format_number, gives_way=2),
        Column("count", "N", "right", show=lambda count: f"{count:,}", gives_way=4),
        Column("score", "SCORE", "right", show=lambda score: f"{score:.1f}", gives_way=1),
        Column("text", "WHY", show=lambda text: str(text[language.value]), wrap=True),
    )


def _series_name(labels: Mapping[str, str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in labels.items()) or "all"


def _nothing(answer: Mapping[str, Any], language: Language) -> str:
    if not answer["series"]:
        asked = {key: answer[key] for key in ("since", "until", "name")}
        return _NO_DATA.say(language, **asked)
    return _NO_ALARMS.say(language, judged=f"{answer['judged']:,}", series=len(answer["series"]))


def _notes(answer: Mapping[str, Any], language: Language) -> Iterator[str]:
    for series in answer["series"]:
        if series["note"]:
            yield f"{_series_name(series['labels'])}: {series['note'][language.value]}"
    if answer["left_out_series"]:
        yield _LEFT_OUT.say(language, count=answer["left_out_series"])


def _plot(answer: Mapping[str, Any]) -> Iterator[str]:
    for series in answer["series"]:
        points = series["points"][-_COLUMNS:]
        if not points:
            continue
        values = [point[1] for point in points]
        at = {alarm["at"] for alarm in answer["alarms"] if alarm["labels"] == series["labels"]}
        marks = "".join(_MARK if point[0] in at else " " for point in points)
        yield f"{answer['name']} {_series_name(series['labels'])}  {points[0][0]} … {points[-1][0]}"
        lines = chart(values, answer["unit"]) or [sparkline(values)]
        yield from lines
        yield " " * (len(lines[0]) - len(points)) + marks
