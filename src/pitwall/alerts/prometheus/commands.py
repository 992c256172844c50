"""`pitwall alerts import`: rules of a Prometheus become a pack; what cannot is told with its reason."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pitwall.kit.cli_options import output_option, shell_language
from pitwall.kit.cli_output import Column, OutputFormat, emit
from pitwall.kit.i18n import Text

if TYPE_CHECKING:
    from pitwall.alerts.prometheus.types import Imported, Outcome

_SUMMARY = Text("{imported} of {total} rules imported.", "규칙 {total}개 중 {imported}개를 가져왔습니다.")
_REFUSED = Text("Not imported: {reasons}.", "가져오지 못한 이유: {reasons}.")
_WRITTEN = Text(
    "Written to {directory}. Name the directory in the setting `packs` and start Pitwall again.",
    "{directory}에 기록했습니다. 설정 `packs`에 이 디렉터리를 적고 Pitwall을 다시 시작하세요.",
)
_COLUMNS = [
    Column("alert", "alert", wrap=True),
    Column("rule", "became"),
    Column("reason", "refused"),
    Column("told", "why, or where it differs", wrap=True, gives_way=1),
    Column("place", "place", gives_way=2),
]


@click.command("import")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--into",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    help="Directory of the pack to write; without it nothing is written.",
)
@output_option
def import_(files: tuple[Path, ...], directory: Path | None, output: OutputFormat) -> None:
    """Import alert rules of a Prometheus as a pack of signals and rules.

    A rule whose meaning cannot be kept is refused with its reason and place. Without `--into` the answer
    tells what would be imported.

    \b
    Example:
      pitwall alerts import rules/*.yml
      pitwall alerts import rules/*.yml --into packs/prometheus
    """
    from pitwall.alerts.prometheus.importing import import_rules  # the parser of PromQL is an extra
    from pitwall.alerts.prometheus.pack import write_pack

    imported = import_rules(files)
    if directory is not None:
        write_pack(imported, directory)
    rows = [_row(outcome) for outcome in imported.outcomes]
    shown = [{**row, "told": row["detail"] or "; ".join(row["notes"])} for row in rows]
    payload = {"rules": rows, "imported": len(imported.rules), "refused": _by_reason(imported)}
    emit(shown if output is OutputFormat.TABLE else rows, _COLUMNS, output, payload=payload)
    _summarise(imported, directory)


def _row(outcome: Outcome) -> dict[str, Any]:
    return {
        "place": outcome.place,
        "alert": outcome.alert,
        "rule": outcome.rule,
        "reason": outcome.reason and outcome.reason.value,
        "detail": outcome.detail or None,
        "notes": list(outcome.notes),
    }


def _by_reason(imported: Imported) -> dict[str, int]:
    counts = Counter(outcome.reason.value for outcome in imported.refused if outcome.reason)
    return dict(counts.most_common())


def _summarise(imported: Imported, directory: Path | None) -> None:
    language = shell_language()
    total = len(imported.outcomes)
    click.echo(_SUMMARY.say(language, imported=len(imported.rules), total=total), err=True)
    reasons = ", ".join(f"{reason} {count}" for reason, count in _by_reason(imported).items())
    if reasons:
        click.echo(_REFUSED.say(language, reasons=reasons), err=True)
    if directory is not None:
        click.echo(_WRITTEN.say(language, directory=directory), err=True)
