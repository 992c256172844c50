"""`pitwall eval run --url`: the server of an address does the run, this process begins it and watches."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from pitwall.access.client import ApiClient
from pitwall.evals.metrics.naming import split_names
from pitwall.evals.runs.access import RUNS
from pitwall.evals.runs.errors import TargetInvalid
from pitwall.evals.runs.prompts_option import chosen_prompts
from pitwall.evals.runs.results_table import METRIC_COLUMNS, metric_rows, verdict_lines
from pitwall.evals.runs.targets.opening import check_server_target, retriever_is_local, target_of
from pitwall.evals.trackers.remote import wait_for_links
from pitwall.evals.trackers.telling import link_lines
from pitwall.kit.cli_options import Target
from pitwall.kit.cli_output import OutputFormat, emit
from pitwall.kit.i18n import Language, Text, choose_language

_RUN = Text(
    "The server does run {id}: {cases} cases.", "서버가 실행 {id}을(를) 수행합니다: 케이스 {cases}개."
)
_LEFT = Text(
    "The server goes on with it. Watch it with: pitwall eval show {id}",
    "서버에서 계속 실행합니다. 확인: pitwall eval show {id}",
)
_PROGRESS = Text("{done}/{cases} cases", "케이스 {done}/{cases}")
_OPEN = ("queued", "running")
_SENT = ("finished", "stopped")
_LOOK_SECONDS = 1.0
_TELL_SECONDS = 10.0
_UPLOAD_SECONDS = 1800.0
_CHUNK_BYTES = 1 << 20
_EXIT_FAILED = 1


def run_there(target: Target, output: OutputFormat, values: Mapping[str, Any]) -> int:
    """Let a server do a run and wait for it; returns the exit code.

    Raises:
        PitwallError: It cannot begin, or the server does not answer.
    """
    language = choose_language(target.environ)
    client = ApiClient.find(url=target.url, api_key=target.api_key)
    assert client is not None
    project = {"project": target.project}
    with client:
        if values["resume"]:
            body = {"budget": _budget(values), "trackers": values["trackers"] or []}
            run = client.post(f"{RUNS}/{values['resume']}/resume", body, project)
        elif values["dry_run"]:
            planned = client.post(f"{RUNS}/plan", _body(client, values, project), project)
            emit([planned], [], OutputFormat.JSON, payload=planned)
            return 0
        else:
            run = client.post(RUNS, _body(client, values, project), project)
        click.echo(_RUN.say(language, id=run["id"], cases=run["progress"]["cases"]), err=True)
        run = _watch(client, run, project, language)
        _show(run, output, language)
        if run["trackers"] and run["state"] in _SENT:
            for line in link_lines(wait_for_links(client, run["id"], project), language):
                click.echo(line, err=True)
    return 0 if run["state"] == "finished" else _EXIT_FAILED


def _body(client: ApiClient, values: Mapping[str, Any], project: Mapping[str, Any]) -> dict[str, Any]:
    if values["metric_files"]:
        raise TargetInvalid(
            "The server does not load metrics of a file.",
            code="eval_target.is_local",
            hint="Install them as a package on the server, or run without --url.",
        )
    prompts = chosen_prompts(values["prompts"], lambda run_id: _prompts_of(client, run_id, project))
    if values["retriever"] is not None:
        raise retriever_is_local()
    plan = target_of(values)
    check_server_target(plan)
    names = values["metrics"]
    return {
        "dataset": _dataset(client, values, project),
        "name": values["name"],
        "metrics": None if names is None else split_names(names),
        "preset": values["preset"],
        "mode": values["mode"],
        "thresholds": dict(values["thresholds"]),
        "profile": values["profile"],
        "target": plan,
        "budget": _budget(values),
        "limit": values["limit"],
        "seed": values["seed"],
        "repeats": values["repeats"],
        "is_fresh": values["is_fresh"],
        "trackers": values["trackers"] or [],
        "prompts": dict(prompts.own) or None,
    }


def _prompts_of(client: ApiClient, run_id: str, project: Mapping[str, Any]) -> dict[str, Any]:
    own: dict[str, Any] = client.get(f"{RUNS}/{run_id}/prompts", project)["prompts"]
    return own


def _dataset(client: ApiClient, values: Mapping[str, Any], project: Mapping[str, Any]) -> str:
    """A stored dataset as it was named; a file is sent first."""
    path = Path(values["dataset"])
    if not path.is_file():
        return str(values["dataset"])
    question = {**project, "file": path.name, "skip_invalid": values["skip_invalid"]}
    answer = client.upload("/api/v1/datasets", _chunks(path), question, timeout_seconds=_UPLOAD_SECONDS)
    return f"{answer['dataset']['name']}@{answer['version']['number']}"


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            yield chunk


def _budget(values: Mapping[str, Any]) -> dict[str, Any]:
    names = {"max_calls": "max_calls", "max_cost_usd": "max_cost", "max_minutes": "max_minutes"}
    return {name: values[option] for name, option in names.items()}


def _watch(
    client: ApiClient, run: dict[str, Any], project: Mapping[str, Any], language: Language
) -> dict[str, Any]:
    told_at = time.monotonic()
    try:
        while run["state"] in _OPEN:
            time.sleep(_LOOK_SECONDS)
            run = client.get(f"{RUNS}/{run['id']}", project)
            if time.monotonic() - told_at >= _TELL_SECONDS:
                told_at = time.monotonic()
                progress = run["progress"]
                line = _PROGRESS.say(language, done=progress["cases_done"], cases=progress["cases"])
                sys.stderr.write(f"{line}\n")
    except KeyboardInterrupt:
        click.echo(_LEFT.say(language, id=run["id"]), err=True)
        raise
    return run


def _show(run: dict[str, Any], output: OutputFormat, language: Language) -> None:
    rows = metric_rows(run, language) if output is OutputFormat.TABLE else [run]
    emit(rows, METRIC_COLUMNS, output, payload=run, empty="")
    if output is OutputFormat.TABLE:
        for line in verdict_lines(run, language):
            click.echo(line, err=True)
