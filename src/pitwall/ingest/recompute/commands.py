"""`pitwall telemetry remap`, `recost` and `unwrap`: stored spans computed again, slice by slice."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import click

from pitwall.access.client import ApiClient
from pitwall.access.reach import reach
from pitwall.kit.cli_options import INSTANT, Target, output_option, target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit
from pitwall.kit.durations import format_instant
from pitwall.kit.i18n import Text, choose_language

_PATH = "/api/v1/telemetry"
_SLICE_SECONDS = 1800.0
_COUNTS = ("spans", "changed", "kept_without_text", "kept_without_rows")
_COSTS = ("cost_before_usd", "cost_after_usd")
_COLUMNS = [
    Column("since", "since"),
    Column("until", "until"),
    Column("spans", "spans", "right"),
    Column("changed", "changed", "right"),
    Column("kept_without_text", "kept: text expired", "right", gives_way=1),
    Column("kept_without_rows", "kept: spans expired", "right", gives_way=2),
    Column("cost_before_usd", "cost before (USD)", "right"),
    Column("cost_after_usd", "cost after (USD)", "right"),
]
_NONE = Text("No spans are stored in that range.", "그 범위에 저장된 span이 없습니다.")
_ASK = Text(
    "Compute {spans:,} stored spans again? Ingest waits a second or two for each of {slices} slices.",
    "저장된 span {spans:,}개를 다시 계산할까요? 조각 {slices}개마다 수집이 1~2초 기다립니다.",
)
_DRY = Text("Nothing was changed (--dry-run).", "바꾼 것은 없습니다 (--dry-run).")
_KEPT = Text(
    "{kept:,} spans were kept as they are: retention has removed texts or spans beside them.",
    "span {kept:,}개는 그대로 두었습니다. 보존 기간이 지나 본문이나 같은 시간대의 span이 지워졌습니다.",
)
_STOPPED = Text(
    "Stopped; what is done stays done. The same command goes on from there.",
    "멈췄습니다. 끝난 부분은 그대로 남고, 같은 명령으로 이어서 할 수 있습니다.",
)


def _range_options(command: Callable[..., Any]) -> Callable[..., Any]:
    options = (
        click.option(
            "--since", type=INSTANT, help="Start, such as now-7d or 2026-11-01; default is everything stored."
        ),
        click.option("--until", type=INSTANT, help="End, not part of the range; default is now."),
        click.option("--dry-run", is_flag=True, help="Only tell what would change."),
        click.option("--yes", is_flag=True, help="Do not ask."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@_range_options
@output_option
@target_options
def remap(target: Target, output: OutputFormat, **options: Any) -> None:
    """Map stored spans again that an older version of the mapping made.

    Kinds, models, tokens, cost and all other columns are made anew from the stored attributes, and the
    rollups from the spans. What masking removed stays removed. Hours are taken whole. Interrupted, the same
    command goes on where it was.

    \b
    Example:
      pitwall telemetry remap --since now-7d --dry-run
      pitwall telemetry remap --project shop --since 2026-11-01 --until 2026-11-08 --yes
    """
    _run("remap", target, output, **options)


@click.command()
@_range_options
@output_option
@target_options
def recost(target: Target, output: OutputFormat, **options: Any) -> None:
    """Price stored spans again, from their tokens and the present price book.

    The price of a span is that of the day on which it began. Rollups follow. Hours are taken whole.
    Interrupted, the same command goes on where it was.

    \b
    Example:
      pitwall telemetry recost --since now-30d --dry-run
      pitwall telemetry recost --since 2026-11-01 --yes
    """
    _run("recost", target, output, **options)


@click.command()
@_range_options
@output_option
@target_options
def unwrap(target: Target, output: OutputFormat, **options: Any) -> None:
    """Leave usage out of the sums that spans below report again in requests of their own.

    So it is when a call goes through a proxy that reports to Pitwall too. The server does this by itself for
    the last two hours, every five minutes; this is for telemetry that was imported or arrived late. Rollups
    follow. Hours are taken whole. Interrupted, the same command goes on where it was.

    \b
    Example:
      pitwall telemetry unwrap --since now-7d --dry-run
      pitwall telemetry unwrap --project shop --since 2026-11-01 --yes
    """
    _run("unwrap", target, output, **options)


def _run(
    what: str,
    target: Target,
    output: OutputFormat,
    *,
    since: datetime | None,
    until: datetime | None,
    dry_run: bool,
    yes: bool,
) -> None:
    language = choose_language(target.environ)
    scope = {"project": target.project}
    asked = {**scope, "since": since and format_instant(since), "until": until and format_instant(until)}
    results: list[dict[str, Any]] = []
    with reach(target) as client:
        plan = client.get(f"{_PATH}/slices", asked)
        slices = plan["slices"]
        if slices and not (dry_run or yes):
            question = _ASK.say(language, spans=plan["spans"], slices=len(slices))
            click.confirm(question, abort=True, err=True)
        try:
            _run_slices(client, what, slices, {**scope, "dry_run": dry_run}, results)
        except KeyboardInterrupt:
            click.echo(_STOPPED.say(language), err=True)
            raise
    emit(results, _COLUMNS, output, payload=_payload(results, dry_run), empty=_NONE.say(language))
    if not results:
        return
    kept = sum(result["kept_without_text"] + result["kept_without_rows"] for result in results)
    if kept:
        click.echo(_KEPT.say(language, kept=kept), err=True)
    if dry_run:
        click.echo(_DRY.say(language), err=True)


def _run_slices(
    client: ApiClient,
    what: str,
    slices: Sequence[dict[str, Any]],
    options: dict[str, Any],
    results: list[dict[str, Any]],
) -> None:
    total = sum(each["spans"] for each in slices)
    with click.progressbar(length=total, label=what, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        for each in slices:
            parameters = {**options, "since": each["since"], "until": each["until"]}
            answer = client.post(f"{_PATH}/{what}", params=parameters, timeout_seconds=_SLICE_SECONDS)
            results.append(answer)
            bar.update(each["spans"])


def _payload(results: Sequence[dict[str, Any]], dry_run: bool) -> dict[str, Any]:
    totals: dict[str, Any] = {name: sum(result[name] for result in results) for name in _COUNTS}
    for name in _COSTS:
        known = [Decimal(result[name]) for result in results if result[name] is not None]
        totals[name] = str(sum(known)) if known else None
    return {"dry_run": dry_run, "total": totals, "slices": list(results)}
