"""`pitwall alerts`: what is wrong now, and the rules that say so."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from pitwall.access.reach import reach
from pitwall.alerts.prometheus.commands import import_
from pitwall.alerts.rule_commands import ALERTS, RULES, rule
from pitwall.alerts.tables import (
    ALERT_COLUMNS,
    HISTORY_COLUMNS,
    PERIOD_COLUMNS,
    RULE_COLUMNS,
    TEST_COLUMNS,
    alert_facts,
    alert_rows,
    period_rows,
    rule_rows,
)
from pitwall.kit.cli_options import Target, local_target_options, output_option, target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit, tell
from pitwall.kit.i18n import Text, choose_language
from pitwall.settings import load_settings

EXIT_CHECK_FAILED = 3
_STATES = ("firing", "pending", "recovering", "no_data", "error", "resolved", "inactive")
_QUIET = Text("No alerts.", "경보가 없습니다.")
_NO_RULES = Text("There are no alert rules.", "경보 규칙이 없습니다.")
_ENABLED = Text("Alert rule {name} is evaluated from now on.", "이제부터 {name} 규칙을 평가합니다.")
_DISABLED = Text(
    "Alert rule {name} is not evaluated any more; its alerts end.",
    "{name} 규칙을 더는 평가하지 않습니다. 이 규칙의 경보는 끝납니다.",
)
_WOULD = Text(
    "{name} would have fired {count} times in {windows} windows over {series} label sets.",
    "{name} 규칙은 구간 {windows}개, 레이블 조합 {series}개에서 {count}번 발생했을 것입니다.",
    en_one="{name} would have fired once in {windows} windows over {series} label sets.",
)
_PASSED = Text("{passed} of {count} tests passed.", "테스트 {count}개 중 {passed}개 통과.")


@click.group()
def alerts() -> None:
    """List alerts, write alert rules, try them on the past and test them.

    \b
    Example:
      pitwall alerts list
      pitwall alerts preview requests.errors --since now-14d
    """


alerts.add_command(rule)
alerts.add_command(import_)


@alerts.command("list")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([*_STATES, "all"]),
    help="Only these; default is what is not over. May be repeated.",
)
@click.option("--severity", type=click.Choice(["critical", "warning", "info"]), help="Only this severity.")
@click.option("--rule", "rule_name", help="Only alerts of this rule.")
@click.option("--limit", type=click.IntRange(1, 500), default=100, show_default=True, help="Rows at most.")
@output_option
@target_options
def list_(
    target: Target,
    states: tuple[str, ...],
    severity: str | None,
    rule_name: str | None,
    limit: int,
    output: OutputFormat,
) -> None:
    """List alerts, the last changed first.

    \b
    Example:
      pitwall alerts list
      pitwall alerts list --state firing --severity critical --output json
    """
    wanted = [] if "all" in states else list(states or _STATES[:5])
    asked = {
        "state": wanted or None,
        "severity": severity,
        "rule": rule_name,
        "limit": limit,
        "project": target.project,
    }
    with reach(target) as client:
        answer = client.get(ALERTS, asked)
    language = choose_language(target.environ)
    rows = answer["alerts"]
    shown = alert_rows(rows, language) if output is OutputFormat.TABLE else rows
    emit(shown, ALERT_COLUMNS, output, payload=answer, empty=_QUIET.say(language))


@alerts.command()
@click.argument("alert_id")
@output_option
@target_options
def show(target: Target, alert_id: str, output: OutputFormat) -> None:
    """Show one alert and what happened to it.

    \b
    Example:
      pitwall alerts show 1f5bcbb10ccb6432a036fd81b7e46242
    """
    with reach(target) as client:
        alert = client.get(f"{ALERTS}/{quote(alert_id, safe='')}", {"project": target.project})
    if output is not OutputFormat.TABLE:
        emit([alert], [], output, payload=alert)
        return
    language = choose_language(target.environ)
    facts = [Column("fact", "fact"), Column("value", "value", wrap=True)]
    emit(alert_facts(alert, language), facts, output)
    emit(alert["history"], HISTORY_COLUMNS, output)


@alerts.command()
@output_option
@target_options
def rules(target: Target, output: OutputFormat) -> None:
    """List the alert rules of the packs and of the team, and how their evaluation goes.

    \b
    Example:
      pitwall alerts rules
      pitwall alerts rules --output jsonl
    """
    with reach(target) as client:
        answer = client.get(RULES, {"project": target.project})
    language = choose_language(target.environ)
    found = answer["rules"]
    shown = rule_rows(found, language) if output is OutputFormat.TABLE else found
    emit(shown, RULE_COLUMNS, output, payload=answer, empty=_NO_RULES.say(language))


@alerts.command()
@click.argument("name")
@output_option
@target_options
def enable(target: Target, name: str, output: OutputFormat) -> None:
    """Let a rule be evaluated.

    \b
    Example:
      pitwall alerts enable llm.tokens
    """
    _switch(target, name, output, is_enabled=True)


@alerts.command()
@click.argument("name")
@output_option
@target_options
def disable(target: Target, name: str, output: OutputFormat) -> None:
    """Let a rule not be evaluated any more; its alerts end.

    \b
    Example:
      pitwall alerts disable llm.tokens
    """
    _switch(target, name, output, is_enabled=False)


def _switch(target: Target, name: str, output: OutputFormat, *, is_enabled: bool) -> None:
    path = f"{RULES}/{quote(name, safe='')}/switch"
    with reach(target, may_create=True) as client:
        saved = client.post(path, {"is_enabled": is_enabled}, {"project": target.project})
    text = _ENABLED if is_enabled else _DISABLED
    tell(saved, text.say(choose_language(target.environ), name=name), output)


@alerts.command()
@click.argument("name", required=False)
@click.option(
    "--file",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A rule as YAML that need not be saved, in place of NAME.",
)
@click.option("--since", default="now-14d", show_default=True, help="Start: now-14d or ISO 8601.")
@click.option("--until", default="now", show_default=True, help="End, written like --since.")
@output_option
@target_options
def preview(
    target: Target, name: str | None, path: Path | None, since: str, until: str, output: OutputFormat
) -> None:
    """Show when a rule would have fired in the past.

    \b
    Example:
      pitwall alerts preview requests.errors
      pitwall alerts preview --file my-rule.yaml --since now-3d
    """
    if (name is None) == (path is None):
        raise click.UsageError("Give the NAME of a rule or --file, one of them.")
    body: dict[str, Any] = {"since": since, "until": until}
    body |= {"name": name} if path is None else {"yaml": path.read_text("utf-8")}
    with reach(target) as client:
        answer = client.post(
            f"{RULES}/preview", body, {"project": target.project}, timeout_seconds=_LONG_SECONDS
        )
    language = choose_language(target.environ)
    found = period_rows(answer["periods"]) if output is OutputFormat.TABLE else answer["periods"]
    facts = {"windows": answer["windows"], "series": answer["series"]}
    summary = _WOULD.say(language, name=name or str(path), count=answer["fired"], **facts)
    if output is OutputFormat.TABLE:
        click.echo(summary, err=True)
    if found or output is not OutputFormat.TABLE:
        emit(found, PERIOD_COLUMNS, output, payload=answer)


_LONG_SECONDS = 300.0


@alerts.command("test")
@click.argument(
    "paths",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option(
    "--rules",
    "rule_paths",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Rules that tests name, as YAML; those of the packs are known. May be repeated.",
)
@output_option
@local_target_options
def test_(
    target: Target, paths: tuple[Path, ...], rule_paths: tuple[Path, ...], output: OutputFormat
) -> None:
    """Run tests of rules, series in and alerts out; exit code 3 if one fails. Needs no server.

    \b
    Example:
      pitwall alerts test errors-test.yaml
      pitwall alerts test tests/*.yaml --rules my-rules.yaml
    """
    from pitwall.alerts.local_tests import run_files  # the packages of the server are an extra

    settings = load_settings(environ=target.environ, config=target.config, flags=target.setting_flags())
    outcomes = run_files(paths, rule_paths, settings.packs)
    rows = [
        {
            "name": one.name,
            "where": one.where,
            "status": "passed" if one.has_passed else "failed",
            "failures": list(one.failures),
        }
        for one in outcomes
    ]
    emit(rows, TEST_COLUMNS, output, payload={"tests": rows})
    passed = sum(one.has_passed for one in outcomes)
    if output is OutputFormat.TABLE:
        language = choose_language(target.environ)
        click.echo(_PASSED.say(language, passed=passed, count=len(outcomes)), err=True)
    if passed < len(outcomes):
        click.get_current_context().exit(EXIT_CHECK_FAILED)
