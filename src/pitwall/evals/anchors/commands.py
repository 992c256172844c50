"""`pitwall eval anchors`: answers that are judged again on a schedule, to tell when the judge moved."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

import click

from pitwall.access.client import ApiClient
from pitwall.access.reach import reach
from pitwall.kit.cli_options import DURATION, Target, output_option, target_options
from pitwall.kit.cli_output import ABSENT, Column, OutputFormat, emit, tell
from pitwall.kit.durations import format_duration
from pitwall.kit.i18n import Language, Text, choose_language

_ANCHORS: Final = "/api/v1/evals/anchors"
_EXIT_NOT_MEASURED: Final = 1
_EXIT_MOVED: Final = 3
_LOOK_SECONDS: Final = 1.0
_STATES = {
    "running": Text("under way", "진행 중"),
    "moved": Text("judge moved", "판정 모델 변동"),
    "no_move_shown": Text("no move shown", "변동 확인 안 됨"),
    "not_enough_data": Text("not enough data", "데이터 부족"),
    "not_measured": Text("not measured", "측정 못 함"),
}
_NONE = Text(
    "There are no anchors. Choose some with `pitwall eval anchors set NAME --run RUN_ID`.",
    "앵커가 없습니다. `pitwall eval anchors set 이름 --run RUN_ID`로 고르세요.",
)
_SAVED = Text(
    "{count} answers of {run} are the anchors {name}; the server judges them again every {every}, with at "
    "most {calls} calls each time.",
    "{run}의 답변 {count}개를 앵커 {name}(으)로 정했습니다. 서버가 {every}마다 다시 평가하며, 한 번에 최대 "
    "{calls}번 호출합니다.",
)
_OFF = Text(
    "The anchors {name} are kept and not checked.", "앵커 {name}을(를) 저장했습니다. 점검은 하지 않습니다."
)
_CALLED = Text(
    "The server checks the anchors {name}. See what comes of it with: pitwall eval anchors show {name}",
    "서버가 앵커 {name}을(를) 점검합니다. 결과: pitwall eval anchors show {name}",
)
_NOT_DONE = Text(
    "No server checked the anchors {name} within {seconds} s.",
    "{seconds}초 안에 앵커 {name}을(를) 점검한 서버가 없습니다.",
)
_DELETED = Text(
    "The anchors {name} and their checks are deleted.", "앵커 {name}과(와) 점검 기록을 삭제했습니다."
)
_SURE = Text("Delete the anchors {name} and their checks?", "앵커 {name}과(와) 점검 기록을 삭제할까요?")
_ERROR = Text("The last check could not begin: {error}", "마지막 점검을 시작하지 못했습니다: {error}")
_OTHER = Text(
    "{metric}: {before} judged the run, {now} judges now. If that was meant, set the anchors anew from a new "
    "run.",
    "{metric}: 실행은 {before}(으)로, 지금은 {now}(으)로 평가합니다. 의도한 변경이라면 새 실행으로 "
    "앵커를 다시 정하세요.",
)
_LIST_COLUMNS = [
    Column("name", "anchors"),
    Column("enabled", "on"),
    Column("run_id", "run", gives_way=1),
    Column("cases", "cases", "right"),
    Column("metrics", "metrics", wrap=True),
    Column("every", "every", gives_way=2),
    Column("checked", "checked"),
    Column("state", "state"),
]
_CHECK_COLUMNS = [
    Column("at", "at"),
    Column("metric", "metric"),
    Column("state", "state"),
    Column("n", "cases", "right"),
    Column("agreement", "agree", "right"),
    Column("shift", "scores", "right"),
    Column("people", "people", "right"),
    Column("judge", "judge", gives_way=1),
    Column("calls", "calls", "right", gives_way=2),
]
_name = click.argument("name")


@click.group()
def anchors() -> None:
    """Judge the same answers again and again, and raise an alert when the judge moved.

    \b
    Example:
      pitwall eval anchors set core --run run_019ac1d2 --every 1d
      pitwall eval anchors list
      pitwall eval anchors check core --wait
    """


@anchors.command("list")
@output_option
@target_options
def list_(target: Target, output: OutputFormat) -> None:
    """List the anchors, each with what its last check found.

    \b
    Example:
      pitwall eval anchors list
    """
    language = choose_language(target.environ)
    with reach(target) as client:
        answer = client.get(_ANCHORS, {"project": target.project})
    rows = answer["anchors"]
    if output is OutputFormat.TABLE:
        rows = [_row(one, language) for one in rows]
    emit(rows, _LIST_COLUMNS, output, payload=answer, empty=_NONE.say(language))


@anchors.command("set")
@_name
@click.option("--run", required=True, metavar="RUN_ID", help="Whose answers and verdicts are the anchors.")
@click.option("--metrics", help="Separated by commas; by default all of the run that ask a judge.")
@click.option(
    "--cases",
    type=click.IntRange(1, 500),
    default=100,
    show_default=True,
    help="Anchors at most: cases with labels first, others by lot.",
)
@click.option("--every", type=DURATION, default="1d", show_default=True, help="From one check to the next.")
@click.option("--profile", help="Whose judge is in use; by default that of the run.")
@click.option(
    "--max-calls", type=click.IntRange(1), help="Of one check; by default twice what it should need."
)
@click.option(
    "--margin",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.05,
    show_default=True,
    help="Smaller moves are none.",
)
@click.option("--off", is_flag=True, help="Keep the anchors, check nothing.")
@output_option
@target_options
def set_(
    target: Target, name: str, output: OutputFormat, every: timedelta, metrics: str | None, **values: Any
) -> None:
    """Choose answers of a run as the anchors NAME; the server judges them again on a schedule.

    It asks the judge anew each time. The judge moved if scores shift, or if it agrees less with its earlier
    verdicts or with labels of people, by more than chance (paired tests at 1 %) and margin; then the alert
    `eval.judge_moved` fires. A judge that does not answer is not measured, and nothing is said of it.

    \b
    Example:
      pitwall eval anchors set core --run run_019ac1d2
      pitwall eval anchors set core --run latest --metrics faithfulness --cases 60 --every 12h --max-calls 500
    """
    from pitwall.evals.metrics.naming import split_names

    body = {
        "run": values["run"],
        "metrics": [] if metrics is None else list(split_names(metrics)),
        "every_seconds": round(every.total_seconds()),
        **{key: values[key] for key in ("cases", "profile", "max_calls", "margin")},
        "enabled": not values["off"],
    }
    with reach(target) as client:
        answer = client.request("PUT", _path(name), params={"project": target.project}, body=body)
    if output is not OutputFormat.TABLE:
        emit([answer], [], output, payload=answer)
        return
    said = _SAVED if answer["enabled"] else _OFF
    text = said.say(
        choose_language(target.environ),
        name=answer["name"],
        run=answer["run_id"],
        count=answer["cases"],
        every=format_duration(every),
        calls=answer["max_calls"],
    )
    click.echo(text, err=True)


@anchors.command()
@_name
@output_option
@target_options
def show(target: Target, name: str, output: OutputFormat) -> None:
    """Show the anchors NAME with their last checks, metric by metric.

    \b
    Example:
      pitwall eval anchors show core
      pitwall eval anchors show core --output json
    """
    with reach(target) as client:
        answer = client.get(_path(name), {"project": target.project})
    _show(answer, output, choose_language(target.environ))


@anchors.command()
@_name
@click.option("--wait", is_flag=True, help="Wait for it; exit code 3 if the judge moved, 1 if nobody knows.")
@click.option(
    "--timeout", "seconds", type=click.IntRange(1), default=600, show_default=True, help="Seconds to wait."
)
@output_option
@target_options
def check(target: Target, name: str, wait: bool, seconds: int, output: OutputFormat) -> int:
    """Let the server check the anchors NAME now.

    \b
    Example:
      pitwall eval anchors check core
      pitwall eval anchors check core --wait --output json
    """
    language = choose_language(target.environ)
    with reach(target) as client:
        answer = client.post(f"{_path(name)}/check", {}, {"project": target.project})
        if not wait:
            if output is OutputFormat.TABLE:
                click.echo(_CALLED.say(language, name=name), err=True)
            else:
                emit([answer], [], output, payload=answer)
            return 0
        done = _wait(client, target, answer, seconds)
    if done is None:
        click.echo(_NOT_DONE.say(language, name=name, seconds=seconds), err=True)
        return _EXIT_NOT_MEASURED
    _show({**done, "checks": done["checks"][:1]}, output, language)
    return _exit_code(done)


@anchors.command()
@_name
@click.option("--yes", is_flag=True, help="Do not ask.")
@output_option
@target_options
def delete(target: Target, name: str, yes: bool, output: OutputFormat) -> None:
    """Delete the anchors NAME and their checks; the run that they came from stays.

    \b
    Example:
      pitwall eval anchors delete core --yes
    """
    language = choose_language(target.environ)
    if not yes:
        click.confirm(_SURE.say(language, name=name), abort=True, err=True)
    with reach(target) as client:
        answer = client.delete(_path(name), {"project": target.project})
    tell(answer, _DELETED.say(language, name=name), output)


def _path(name: str) -> str:
    return f"{_ANCHORS}/{quote(name, safe='')}"


def _wait(
    client: ApiClient, target: Target, called: Mapping[str, Any], seconds: int
) -> dict[str, Any] | None:
    """The anchors after a check that ended later than it was called for; None if none did in time."""
    called_at = _instant(called["due_at"])
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        answer: dict[str, Any] = client.get(_path(called["name"]), {"project": target.project})
        last = answer["last_check"]
        is_over = last is not None and last["finished_at"] and _instant(last["finished_at"]) >= called_at
        if is_over or (answer["error"] and _instant(answer["due_at"]) > called_at):
            return answer
        time.sleep(_LOOK_SECONDS)
    return None


def _exit_code(answer: Mapping[str, Any]) -> int:
    if answer["error"]:
        return _EXIT_NOT_MEASURED
    state = answer["last_check"]["state"]
    return {"moved": _EXIT_MOVED, "no_move_shown": 0}.get(state, _EXIT_NOT_MEASURED)


def _show(answer: dict[str, Any], output: OutputFormat, language: Language) -> None:
    if output is not OutputFormat.TABLE:
        emit([answer], [], output, payload=answer)
        return
    rows = [_check_row(one, drift, language) for one in answer["checks"] for drift in one["metrics"]]
    emit(rows, _CHECK_COLUMNS, output, empty=_row(answer, language)["state"])
    last = answer["last_check"]
    for drift in [] if last is None else last["metrics"]:
        click.echo(drift["text"][language.value], err=True)
        if drift["is_other_ruler"]:
            values = {"before": drift["base_identity"], "now": drift["identity"]}
            click.echo(_OTHER.say(language, metric=drift["metric"], **values), err=True)
    if answer["error"] is not None:
        click.echo(_ERROR.say(language, error=answer["error"]), err=True)


def _row(one: Mapping[str, Any], language: Language) -> dict[str, Any]:
    last = one["last_check"]
    return {
        **one,
        "metrics": ", ".join(one["metrics"]),
        "every": format_duration(timedelta(seconds=one["every_seconds"])),
        "checked": ABSENT if last is None else _short(last["started_at"]),
        "state": one["error"] or (ABSENT if last is None else _STATES[last["state"]].say(language)),
    }


def _check_row(one: Mapping[str, Any], drift: Mapping[str, Any], language: Language) -> dict[str, Any]:
    shift, people = drift["shift"], drift["people"]
    return {
        "at": _short(one["started_at"]),
        "metric": drift["metric"],
        "state": _STATES[drift["state"]].say(language),
        "n": drift["n"],
        "agreement": _percent(drift["agreement"]),
        "shift": ABSENT if shift is None else f"{shift['difference']:+.3f}",
        "people": ABSENT if people is None else f"{_percent(people['before'])} -> {_percent(people['now'])}",
        "judge": one["judge"],
        "calls": one["calls"],
    }


def _percent(rate: Mapping[str, Any] | None) -> str:
    return ABSENT if rate is None or rate["value"] is None else f"{rate['value']:.0%}"


def _short(at: str) -> str:
    return f"{at[:19]}Z"


def _instant(at: str) -> datetime:
    return datetime.fromisoformat(at)
