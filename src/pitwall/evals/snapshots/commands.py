"""`pitwall ops`: what a run ran on, and what differs between two runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pitwall.access.client import ApiClient
from pitwall.access.reach import reach
from pitwall.kit.cli_files import out_option, written
from pitwall.kit.cli_options import Target, output_option, target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit, to_json
from pitwall.kit.clock import SystemClock
from pitwall.kit.i18n import Text, choose_language

EXIT_DIFFERENT = 1
_RUNS = "/api/v1/evals/runs"
_WRITTEN = Text("Wrote the snapshot of {run} to {file}.", "{run}의 스냅샷을 {file}에 저장했습니다.")
_PARTIAL = Text(
    "The run kept nothing of what it ran on: git, packages, settings and system are this command's, now.",
    "실행이 시작할 때의 환경을 남기지 않아, git·패키지·설정·시스템은 지금 이 명령의 환경입니다.",
)
_REDACTED = Text("{count} values were left out as secrets.", "비밀로 보이는 값 {count}개를 뺐습니다.")
_SAME = Text("Nothing differs.", "차이가 없습니다.")
_LATER = Text(
    "The surroundings of {name} were looked at after the run; they may have been others then.",
    "{name}의 환경은 실행이 끝난 뒤에 확인한 것이므로, 실행할 때는 달랐을 수 있습니다.",
)
_COLUMNS = [Column("part", "part"), Column("text", "what differs", wrap=True)]


@click.group()
def ops() -> None:
    """Keep what an evaluation run ran on, and see what changed between two.

    \b
    Example:
      pitwall ops snapshot --run-id run_019ac1d2 -o run.json
      pitwall ops diff run_019ac1d2 run_019ad3f0
    """


@ops.command()
@click.option("--run-id", required=True, help="Of the run; the beginning of its id is enough.")
@click.option("--include-model-config", is_flag=True, help="Also how its models are asked.")
@click.option("--include-env", is_flag=True, help="Also the variables of Pitwall.")
@click.option(
    "--redact",
    "keys",
    multiple=True,
    metavar="KEY",
    help="Leave the values of a name out, too; also a path such as system.cpu.",
)
@out_option("File to write; default is stdout.", "--output")
@target_options
def snapshot(
    target: Target,
    run_id: str,
    include_model_config: bool,
    include_env: bool,
    keys: tuple[str, ...],
    out: Path | None,
) -> None:
    """Write what a run ran on as JSON: enough to run it again. Secrets are left out.

    \b
    Example:
      pitwall ops snapshot --run-id run_019ac1d2
      pitwall ops snapshot --run-id run_019ac1d2 --include-env --redact username -o run.json
    """
    from pitwall.evals.snapshots.envelope import Shown, envelope

    clock, language = SystemClock(), choose_language(target.environ)
    started = clock.now()
    shown = Shown(model_config=include_model_config, environment=include_env, keys=keys)
    with reach(target) as client:
        data = _data_of_run(client, target, run_id, shown)
    artifacts = [] if out is None else [str(out)]
    text = to_json(envelope(data, started, clock.now(), artifacts), indent=True) + "\n"
    with written(out) as file:
        file.write(text.encode())
    if data["taken"] != "start":
        click.echo(_PARTIAL.say(language), err=True)
    if data["redacted"]:
        click.echo(_REDACTED.say(language, count=data["redacted"]), err=True)
    if out is not None:
        click.echo(_WRITTEN.say(language, run=data["run"]["id"], file=out), err=True)


@ops.command()
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@output_option
@target_options
def diff(target: Target, first: str, second: str, output: OutputFormat) -> None:
    """Tell what differs between two snapshots: files, or ids of runs. Exit code 1 if anything does.

    \b
    Example:
      pitwall ops diff run_019ac1d2 run_019ad3f0
      pitwall ops diff before.json after.json --output json
    """
    from pitwall.evals.snapshots.diff import compare
    from pitwall.evals.snapshots.diff_words import PART_TITLES
    from pitwall.evals.snapshots.differences import differences_view

    language = choose_language(target.environ)
    sides = _load_both(target, first, second)
    found = compare(*sides)
    payload = differences_view(first, second, found)
    rows = payload["differences"]
    is_table = output is OutputFormat.TABLE
    shown = [{"part": PART_TITLES[one.part].say(language), "text": one.text.say(language)} for one in found]
    emit(shown if is_table else rows, _COLUMNS, output, payload=payload, empty=_SAME.say(language))
    for name, side in zip((first, second), sides, strict=True):
        if is_table and side.get("taken") == "later":
            click.echo(_LATER.say(language, name=name), err=True)
    if found:
        click.get_current_context().exit(EXIT_DIFFERENT)


def _load_both(target: Target, first: str, second: str) -> list[dict[str, Any]]:
    """Both snapshots; a server is only asked if one of them is a run."""
    from pitwall.evals.snapshots.envelope import Shown
    from pitwall.evals.snapshots.snapshot_files import read_snapshot

    paths = [Path(name) for name in (first, second)]
    if all(path.is_file() for path in paths):
        return [read_snapshot(path) for path in paths]
    everything = Shown(model_config=True, environment=True)
    with reach(target) as client:
        return [
            read_snapshot(path) if path.is_file() else _data_of_run(client, target, name, everything)
            for path, name in zip(paths, (first, second), strict=True)
        ]


def _data_of_run(client: ApiClient, target: Target, run_id: str, shown: Any) -> dict[str, Any]:
    """What is told of a run; what it did not keep is looked up here and now."""
    from pitwall.evals.snapshots.envelope import assemble
    from pitwall.evals.snapshots.looking import look_around

    answer = client.get(f"{_RUNS}/{run_id}/snapshot", {"project": target.project})
    around = look_around(target, answer["facts"]) if answer["kept"] is None else None
    return assemble(answer, around, shown, SystemClock().now())
