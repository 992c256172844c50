"""`pitwall eval gate|regress|ci`: whether a run may pass, for people and for builds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from pitwall.core.errors import PitwallError
from pitwall.evals.comparison.access import open_comparisons
from pitwall.evals.comparison.ci import CHECKS, CiFormat, render, summary_page, title
from pitwall.evals.comparison.command_options import NumberType, how, names_of, options
from pitwall.evals.comparison.report import said
from pitwall.kit.cli_files import out_option, written
from pitwall.kit.cli_options import Target, output_option, state_target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit
from pitwall.kit.i18n import Language, Text, choose_language

_PASSED = Text("ok", "통과")
_FAILED = Text("FAILED", "실패")


class NoVerdict(PitwallError):
    """A gate cannot judge: the run, or what it is to be held against, is not there or does not compare."""

    exit_code = 3
    default_code = "eval_gate.no_verdict"


_baseline_options = options(
    click.option("--against", metavar="RUN_ID", help="Another run to hold it against."),
    click.option("--baseline", metavar="NAME", help="A baseline of the dataset; default is main."),
    click.option(
        "--rule",
        type=click.Choice(["interval", "point"]),
        default="interval",
        show_default=True,
        help="Worse if the whole interval is beyond the margin, or if the mean alone is.",
    ),
    click.option(
        "--require-enough-data", "needs_enough_data", is_flag=True, help="Too few pairs fail with 2."
    ),
)
_gate_options = options(
    click.option(
        "--threshold",
        "thresholds",
        type=NumberType(needs_metric=True),
        multiple=True,
        help="Of a mean; before that of the run's plan.",
    ),
    click.option(
        "--pass-rate", type=click.FloatRange(0, 1), help="Share of cases that have to pass all metrics."
    ),
    click.option(
        "--max-unscored",
        "most_unscored",
        type=click.FloatRange(0, 1),
        default=0.02,
        show_default=True,
        help="Share of cases of a metric that may be in error or undetermined.",
    ),
    _baseline_options,
    how,
)


@click.command()
@click.argument("run", metavar="RUN_ID")
@_gate_options
@output_option
@state_target_options
def gate(target: Target, output: OutputFormat, **values: Any) -> int:
    """Judge whether a run may pass.

    Exit code 0 passed, 1 a threshold or too many unscored cases, 2 worse than the baseline, 3 nothing to
    judge: no such run, no such baseline, or runs that do not compare.

    \b
    Example:
      pitwall eval gate run_019ac2f7
      pitwall eval gate run_019ac2f7 --threshold faithfulness=0.85 --pass-rate 0.9 --margin 0.02
    """
    return _judge(target, output, values)


@click.command()
@click.argument("run", metavar="RUN_ID")
@_baseline_options
@how
@output_option
@state_target_options
def regress(target: Target, output: OutputFormat, **values: Any) -> int:
    """Judge whether a run is worse than its baseline, and nothing else.

    Exit code 0 not shown to be worse, 2 worse, 3 nothing to judge: no such run or baseline.

    \b
    Example:
      pitwall eval regress run_019ac2f7
      pitwall eval regress run_019ac2f7 --against run_019ac1d2 --margin 0.02
    """
    only = {"checks_thresholds": False, "most_unscored": 1.0, "needs_baseline": True}
    return _judge(target, output, {**values, **only})


@click.command()
@click.argument("run", metavar="RUN_ID")
@click.option(
    "--format",
    "form",
    type=click.Choice([form.value for form in CiFormat]),
    required=True,
    help="github annotates, gitlab is a code quality report, junit a test report, markdown a comment.",
)
@out_option()
@click.option(
    "--summary",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File that the page is added to; for github the summary of the step.",
)
@_gate_options
@state_target_options
def ci(target: Target, form: str, out: Path | None, summary: Path | None, **values: Any) -> int:
    """Judge whether a run may pass, as a build wants to read it; exit codes are those of `gate`.

    \b
    Example:
      pitwall eval ci run_019ac2f7 --format github
      pitwall eval ci run_019ac2f7 --format junit -o report.xml
      pitwall eval ci run_019ac2f7 --format gitlab -o gl-code-quality-report.json
    """
    language = choose_language(target.environ)
    found = _ask(target, values)
    text = render(found, CiFormat(form), language)
    with written(out) as file:
        file.write(text.encode())
    if out is not None:
        click.echo(title(found, language), err=True)
    page = summary or _step_summary(target, form)
    if page is not None:
        with page.open("a", encoding="utf-8") as summaries:
            summaries.write(summary_page(found, language))
    return int(found["exit_code"])


def _step_summary(target: Target, form: str) -> Path | None:
    path = target.environ.get("GITHUB_STEP_SUMMARY")
    return Path(path) if path and form == CiFormat.GITHUB else None


def _judge(target: Target, output: OutputFormat, values: Mapping[str, Any]) -> int:
    language = choose_language(target.environ)
    found = _ask(target, values)
    if output is OutputFormat.TABLE:
        for notice in (found["comparison"] or {"notices": ()})["notices"]:
            click.echo(f"! {said(notice['text'], language)}", err=True)
    rows = [_check_row(check, language) for check in found["checks"]]
    emit(rows if output is OutputFormat.TABLE else found["checks"], _CHECKS, output, payload=found)
    if output is OutputFormat.TABLE:
        click.echo(title(found, language))
    return int(found["exit_code"])


_CHECKS = [
    Column("result", "result"),
    Column("check", "check"),
    Column("metric", "metric"),
    Column("text", "found", wrap=True),
]


def _check_row(check: Mapping[str, Any], language: Language) -> dict[str, Any]:
    return {
        "result": (_PASSED if check["is_passed"] else _FAILED).say(language),
        "check": CHECKS[check["kind"]].say(language),
        "metric": check["metric"],
        "text": said(check["text"], language),
    }


def _ask(target: Target, values: Mapping[str, Any]) -> Any:
    """Ask for what a gate says."""
    body = {name: values[name] for name in _PASSED_ON if values.get(name) is not None}
    margins = dict(values["margins"])
    body |= {
        "metrics": names_of(values["metrics"]),
        "margin": margins.pop("", 0.0),
        "margins": margins,
        "thresholds": dict(values.get("thresholds", ())),
    }
    with _without_verdict_is_3(), open_comparisons(target) as comparisons:
        return comparisons.gate(body)


_PASSED_ON = (
    "run",
    "against",
    "baseline",
    "rule",
    "needs_enough_data",
    "strict",
    "alpha",
    "pass_rate",
    "most_unscored",
    "checks_thresholds",
    "needs_baseline",
)


@contextmanager
def _without_verdict_is_3() -> Iterator[None]:
    """0 to 2 are verdicts; whatever kept a gate from judging ends with 3, so that a build can tell."""
    try:
        yield
    except PitwallError as error:
        raise NoVerdict(error.message, code=error.code, hint=error.hint, details=error.details) from error
