"""`pitwall signals`: catalogue, current values, queries, exports, windows of JSON lines files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from pitwall.access.client import ApiClient
from pitwall.access.other_projects import name_other_projects
from pitwall.access.reach import reach
from pitwall.kit.cli_options import DURATION, Target, local_target_options, output_option, target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit
from pitwall.kit.i18n import Language, Text, choose_language
from pitwall.kit.sparkline import sparkline
from pitwall.settings import load_settings
from pitwall.signals.explaining_commands import exemplars, explain
from pitwall.signals.render import chart
from pitwall.signals.tables import (
    CURRENT_COLUMNS,
    FACT_COLUMNS,
    by_series,
    current_rows,
    flat_rows,
    row_columns,
    signal_facts,
    window_columns,
    window_row,
)

_FORMATS = ("json", "openmetrics")
_SPARKLINE = {"since": "now-1h", "step": "5m"}
_NO_DATA = Text(
    "{count} signals have no data; --all shows them.",
    "데이터가 없는 신호 {count}개는 --all로 볼 수 있습니다.",
    en_one="1 signal has no data; --all shows it.",
)
_NO_VALUES = Text(
    "No data from {since} until {until}.",
    "{since}부터 {until} 전까지 데이터가 없습니다.",
)
_LATEST_COMPLETE = Text(
    " That is the latest complete window; --since now-1h also shows what came in after it.",
    " 집계가 끝난 가장 최근 구간입니다. 그 뒤에 들어온 데이터는 --since now-1h 로 볼 수 있습니다.",
)
_MALFORMED = Text("{path}:{line}: not an event, skipped", "{path}:{line}: 이벤트가 아니어서 건너뛰었습니다")
_READ = Text(
    "{lines} lines, {other} other events, {malformed} malformed, {read} bytes read now",
    "{lines}줄, 다른 이벤트 {other}개, 잘못된 줄 {malformed}개, 이번에 읽은 바이트 {read}",
)


class _Signals:
    """The endpoints of signals, for one project."""

    def __init__(self, client: ApiClient, target: Target) -> None:
        self._client = client
        self._target = target

    def list(self) -> dict[str, Any]:
        return self._get("", {})

    def get(self, name: str) -> dict[str, Any]:
        return self._get(f"/{quote(name, safe='')}", {})

    def query(self, parameters: Mapping[str, str | None]) -> dict[str, Any]:
        return self._get("/query", parameters)

    def current(self, parameters: Mapping[str, str | None]) -> dict[str, Any]:
        return self._get("/current", parameters)

    def export(self, format_: str) -> str:
        return str(self._get("/export", {"format": format_})["text"])

    def name_other_projects(self, language: Language) -> str:
        return name_other_projects(self._client, self._target, language)

    def _get(self, path: str, parameters: Mapping[str, str | None]) -> dict[str, Any]:
        answer: dict[str, Any] = self._client.get(
            f"/api/v1/signals{path}", {**parameters, "project": self._target.project}
        )
        return answer


@click.group()
def signals() -> None:
    """Show, query and export signals.

    \b
    Example:
      pitwall signals show
      pitwall signals query llm.p95_latency_ms --since now-24h --step 5m --by model
    """


@signals.command("list")
@output_option
@target_options
def list_(target: Target, output: OutputFormat) -> None:
    """List the signals of the catalogue.

    \b
    Example:
      pitwall signals list --output json
    """
    with _reach_signals(target) as service:
        answer = service.list()
    language = choose_language(target.environ)
    columns = [
        Column("name", "name"),
        Column("title", "title", show=lambda title: str(title[language.value])),
        Column("unit", "unit"),
        Column("better", "better"),
        Column("by", "by", wrap=True),
    ]
    emit(answer["signals"], columns, output, payload=answer)


@signals.command()
@click.argument("name", required=False)
@click.option(
    "--since", help="Start of the range, such as 1h (ago) or now-1h; default is the latest complete window."
)
@click.option(
    "--until", help="End of the range, not part of it; default is now, the present minute included."
)
@click.option("--last", help="Length of the latest complete window; default 5m.")
@click.option("--by", help="Labels that split the values, separated by commas.")
@click.option("--all", "show_all", is_flag=True, help="Also show signals without data.")
@output_option
@target_options
def show(
    target: Target,
    name: str | None,
    since: str | None,
    until: str | None,
    last: str | None,
    by: str | None,
    show_all: bool,
    output: OutputFormat,
) -> None:
    """Show current values with their bands, or what one signal means.

    \b
    Example:
      pitwall signals show
      pitwall signals show --last 1h --by model
      pitwall signals show rag.hit_rate
    """
    language = choose_language(target.environ)
    with _reach_signals(target) as service:
        if name is not None:
            _show_one(service.get(name), language, output)
            return
        answer = service.current({"since": since, "until": until, "last": last, "by": by})
        if output is not OutputFormat.TABLE:
            emit(flat_rows(answer["results"]), [], output, payload=answer)
            return
        history = service.current({**_SPARKLINE, "by": by})
        titles = {signal["name"]: signal["title"][language.value] for signal in service.list()["signals"]}
        rows = current_rows(answer["results"], history["results"], titles)
        found = [row for row in rows if row["value"] is not None]
        elsewhere = "" if found else service.name_other_projects(language)
    shown = rows if show_all else found
    explained = _explain_no_values(answer["results"], language, is_default=not (since or until or last))
    emit(shown, CURRENT_COLUMNS, output, empty=explained + elsewhere)
    if len(shown) < len(rows):
        click.echo(_NO_DATA.say(language, count=len(rows) - len(shown)), err=True)


@signals.command()
@click.argument("name")
@click.option("--since", help="Start of the range: 1h (ago), now-1h or ISO 8601; default now-1h.")
@click.option(
    "--until", help="End of the range, not part of it; default is now, the present minute included."
)
@click.option("--last", help="Instead of a range: the latest complete window of this length.")
@click.option("--step", help="Length of the windows, such as 5m; default is the range as one window.")
@click.option("--by", help="Labels that split the answer, separated by commas.")
@click.option("--where", help="Condition on the records, such as \"model = 'gpt-4o'\".")
@click.option("--plot", is_flag=True, help="Draw the values.")
@output_option
@target_options
def query(target: Target, name: str, output: OutputFormat, plot: bool, **parameters: str | None) -> None:
    """Ask for the values of one signal: one per window and label set.

    \b
    Example:
      pitwall signals query llm.success_rate --since now-24h --step 1h --by service,model
      pitwall signals query llm.p95_latency_ms --last 1h --output json
    """
    with _reach_signals(target) as service:
        answer = service.query({"name": name, **parameters})
    if plot:
        _plot(answer)
        return
    emit(answer["rows"], row_columns(answer), output, payload=answer)


@signals.command()
@click.option(
    "--format",
    "format_",
    type=click.Choice(_FORMATS),
    default="json",
    show_default=True,
    help="What to write.",
)
@target_options
def export(target: Target, format_: str) -> None:
    """Write the last complete five minutes of every signal.

    Alert rules for Prometheus and dashboards for Grafana come from `pitwall artifacts write`.

    \b
    Example:
      pitwall signals export > signals.json
      pitwall signals export --format openmetrics
    """
    with _reach_signals(target) as service:
        click.echo(service.export(format_), nl=False)


@signals.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--window", type=DURATION, default="5m", show_default=True, help="Length of the windows.")
@click.option("--by", default="", help="Fields that split the windows: model, provider, error.")
@click.option("--fresh", is_flag=True, help="Read everything again and remember nothing.")
@output_option
@local_target_options
def jsonl(
    target: Target, files: tuple[Path, ...], window: timedelta, by: str, fresh: bool, output: OutputFormat
) -> None:
    """Aggregate `llm.call` lines of files into windows without importing them.

    What was read is remembered in the data directory, so that a grown file costs only its new lines.

    \b
    Example:
      pitwall signals jsonl traces/llm_calls.jsonl --window 5m --by model
    """
    from pitwall.signals.jsonl import aggregate, scratch_engine  # the engine is an extra

    settings = load_settings(environ=target.environ, config=target.config, flags=target.setting_flags())
    fields = [field.strip() for field in by.split(",") if field.strip()]
    checkpoints = None if fresh else settings.data_dir / "jsonl"
    with scratch_engine() as engine:
        report = aggregate(engine, files, window=window, by=fields, checkpoints=checkpoints)
    language = choose_language(target.environ)
    for line in report.malformed_lines:
        click.echo(_MALFORMED.say(language, path=line.path, line=line.number), err=True)
    emit([window_row(found) for found in report.windows], window_columns(fields), output)
    totals = {"lines": report.lines, "other": report.other_events, "malformed": report.malformed}
    click.echo(_READ.say(language, **totals, read=report.bytes_read), err=True)


signals.add_command(explain)
signals.add_command(exemplars)


@contextmanager
def _reach_signals(target: Target) -> Iterator[_Signals]:
    with reach(target) as client:
        yield _Signals(client, target)


def _explain_no_values(results: Sequence[Mapping[str, Any]], language: Language, *, is_default: bool) -> str:
    """Name the window that was looked at; one that nobody chose leaves out what has just come in."""
    if not results:
        return "The catalogue has no signals."
    asked = {key: results[0][key] for key in ("since", "until")}
    return _NO_VALUES.say(language, **asked) + (_LATEST_COMPLETE.say(language) if is_default else "")


def _show_one(signal: dict[str, Any], language: Language, output: OutputFormat) -> None:
    if output is not OutputFormat.TABLE:
        emit([signal], [], output, payload=signal)
        return
    emit(signal_facts(signal, language), FACT_COLUMNS, output)


def _plot(answer: dict[str, Any]) -> None:
    for labels, rows in by_series(answer["rows"]):
        click.echo(f"{answer['name']} {labels}  {rows[0]['start']} … {rows[-1]['end']}")
        lines = chart([row["value"] for row in rows], answer["unit"])
        for line in lines or [sparkline([row["value"] for row in rows])]:
            click.echo(line)
