"""`pitwall judge`: which models judge, what they can do, and what was asked of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from pitwall.access.reach import reach
from pitwall.kit.cli_options import Target, local_target_options, output_option, target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit
from pitwall.kit.i18n import Language, Text, choose_language
from pitwall.llm.doctor_report import (
    EMBEDDING_COLUMNS,
    MODE_COLUMNS,
    embedding_remarks,
    remarks,
    shown_embedding,
    shown_mode,
)
from pitwall.llm.types import Api, ModelEndpoint

if TYPE_CHECKING:
    from pitwall.llm.doctor import Findings
    from pitwall.llm.examining import Examined
    from pitwall.settings import Settings

EXIT_NOTHING_WORKS = 3
_DEFAULT_PROJECT = "default"

_NO_CALLS = Text("No call to a model is kept.", "보관된 모델 호출이 없습니다.")
_KEPT = Text(
    "Kept for project {project}: {model} is asked with {mode} first.",
    "프로젝트 {project}에 저장했습니다. {model} 모델에는 {mode} 방식부터 사용합니다.",
)
_NOT_KEPT = Text(
    "Not kept: no way of asking {model} works.", "저장하지 않았습니다. {model} 모델에 통하는 방식이 없습니다."
)
_SIMULATED = Text(
    "This is the simulated judge: rules that look at words, no model.",
    "시뮬레이션 판정 모델입니다. 실제 모델 없이 단어만 보는 규칙으로 판정합니다.",
)
_EXAMINING = Text("Examining {mode} …", "{mode} 방식을 점검하는 중 …")
_READ = Text("Read {file}.", "{file}을(를) 읽었습니다.")
_NO_FILE = Text(
    "There is no file of profiles; looked for {files}.", "프로필 파일이 없습니다. 찾은 곳: {files}."
)
_CALL_COLUMNS = (
    Column("created_at", "AT", show=lambda at: str(at)[:19] + "Z"),
    Column("key", "KEY"),
    Column("run_id", "RUN", gives_way=3),
    Column("kind", "KIND", gives_way=6),
    Column("model", "MODEL", gives_way=2),
    Column("mode", "MODE", gives_way=4),
    Column("failure", "FAILURE"),
    Column("input_tokens", "IN", "right", gives_way=5),
    Column("output_tokens", "OUT", "right", gives_way=5),
    Column("cost_usd", "USD", "right", gives_way=3),
    Column("latency_ms", "MS", "right", show=lambda value: f"{value:.0f}", gives_way=1),
)
_PROFILE_COLUMNS = (
    Column("profile", "PROFILE"),
    Column("judge", "JUDGE"),
    Column("judge_url", "AT", gives_way=2),
    Column("embedding", "EMBEDDING", gives_way=1),
    Column("problem", "PROBLEM", wrap=True),
    Column("origin", "FROM", gives_way=3),
)


@click.group()
def judge() -> None:
    """Show model profiles, examine a model, list what was asked.

    \b
    Example:
      pitwall judge profiles
      pitwall judge doctor --profile dev
      pitwall judge calls --failed
    """


@judge.command()
@output_option
@local_target_options
def profiles(target: Target, output: OutputFormat) -> None:
    """List the model profiles: those of models.yaml, and `simulated`, which needs no model.

    Their file is the one of the setting models.file; else models.yaml beside the settings file or in the
    working directory, else models.yaml in the data directory. Commands and servers look in this order.

    \b
    Example:
      pitwall judge profiles
      pitwall judge profiles --output json
    """
    from pitwall.llm.profile_list import profile_rows
    from pitwall.llm.profiles import find_profile_file, load_profiles, usual_files

    settings, language = _settings(target), choose_language(target.environ)
    found = load_profiles(settings, target.environ, config=target.config)
    rows = profile_rows(found)
    file = find_profile_file(settings, target.config)
    emit(rows, _PROFILE_COLUMNS, output, payload={"file": file and str(file), "profiles": rows})
    if file is not None:
        click.echo(_READ.say(language, file=file), err=True)
    else:
        looked = ", ".join(map(str, usual_files(settings, target.config)))
        click.echo(_NO_FILE.say(language, files=looked), err=True)


@judge.command()
@click.option("--run-id", help="Only what this run asked.")
@click.option("--failed", is_flag=True, help="Only calls that gave nothing.")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True, help="Rows at most.")
@click.option("--cursor", help="Where the page begins: next_cursor of the one before.")
@output_option
@target_options
def calls(
    target: Target, run_id: str | None, failed: bool, limit: int, cursor: str | None, output: OutputFormat
) -> None:
    """List calls to models, newest first: what they took, and why those that failed did.

    Calls are kept for 90 days (setting models.calls_days): meanwhile an equal question is not asked again.
    Those of runs that can be gone on with and of baselines stay. Scores and their evidence stay anyway.

    \b
    Example:
      pitwall judge calls --failed
      pitwall judge calls --run-id run_0190 --output jsonl
    """
    question = {"run_id": run_id, "failed": "true" if failed else None, "limit": limit, "cursor": cursor}
    with reach(target) as client:
        answer = client.get("/api/v1/llm/calls", {**question, "project": target.project})
    empty = _NO_CALLS.say(choose_language(target.environ))
    emit(answer["calls"], _CALL_COLUMNS, output, payload=answer, empty=empty)


@judge.command()
@click.option("--profile", "name", help="Examine the judge of this profile.")
@click.option("--url", "base_url", help="Examine the model at this address, such as http://127.0.0.1:11434.")
@click.option("--model", help="Its name there; with --url.")
@click.option(
    "--api",
    type=click.Choice([Api.OPENAI.value, Api.OLLAMA.value]),
    default=Api.OPENAI.value,
    show_default=True,
    help="How it is spoken to; with --url.",
)
@click.option("--key", help="Its key, as secret://env/NAME or secret://file/PATH; with --url.")
@click.option(
    "--probes", type=click.IntRange(1, 100), default=6, show_default=True, help="Questions in each mode."
)
@click.option(
    "--project", default=_DEFAULT_PROJECT, show_default=True, help="Project that what is found is kept for."
)
@output_option
@local_target_options
def doctor(target: Target, probes: int, output: OutputFormat, **whom: str | None) -> int:
    """Find out which ways of asking a model work, how often they fail, and keep what is found.

    Asks short, Korean and long questions whose answers are known in every mode: json_schema, tools,
    json_object and fenced. Runs ask in the best mode first from then on. Of a profile's embedding model it
    finds the size of vectors, whether they repeat, whether sentences that say the same are near in English,
    Korean and across both, and how many texts it takes at once. Exit code 3 if no mode works, or no vector
    came.

    \b
    Example:
      pitwall judge doctor --profile dev
      pitwall judge doctor --url http://127.0.0.1:11434 --api ollama --model qwen2.5:7b --probes 12
    """
    language = choose_language(target.environ)
    settings = _settings(target)
    endpoint, embedding = _endpoints(settings, target, **whom)
    examined = asyncio.run(_examine(endpoint, embedding, probes, language))
    findings, vectors = examined.findings, examined.vectors
    view = examined.view()
    found = view["embedding"]
    rows = [shown_mode(row) for row in view["modes"]] if output is OutputFormat.TABLE else view["modes"]
    emit(rows, MODE_COLUMNS, output, payload=view)
    if found is not None and output is OutputFormat.TABLE:
        emit([shown_embedding(found)], EMBEDDING_COLUMNS, output)
    said = [] if found is None else embedding_remarks(found, language)
    for line in (*remarks(findings, view, language), *said):
        click.echo(line, err=True)
    if findings.abilities is None:
        click.echo(_NOT_KEPT.say(language, model=endpoint.model), err=True)
        return EXIT_NOTHING_WORKS
    _keep(settings, target.project or _DEFAULT_PROJECT, findings, language)
    return 0 if vectors is None or vectors.works else EXIT_NOTHING_WORKS


def _settings(target: Target) -> Settings:
    from pitwall.settings import load_settings

    return load_settings(environ=target.environ, config=target.config, flags=target.setting_flags())


def _endpoints(
    settings: Settings,
    target: Target,
    *,
    name: str | None,
    base_url: str | None,
    model: str | None,
    api: str | None,
    key: str | None,
) -> tuple[ModelEndpoint, ModelEndpoint | None]:
    """The judge to examine, and the embedding model beside it if a profile names one."""
    from pydantic import SecretStr

    from pitwall.llm.profiles import chosen_profile
    from pitwall.settings.secrets import SCHEME, resolve_reference

    if base_url is None:
        if model is not None or key is not None:
            raise click.UsageError("--model and --key go with --url.")
        profile = chosen_profile(settings, target.environ, name, config=target.config)
        return profile.judge, profile.embedding
    if name is not None or model is None:
        raise click.UsageError("Give --profile, or --url with --model.")
    secret = None
    if key is not None:
        if not key.startswith(SCHEME):
            raise click.BadParameter(
                "name it as secret://env/NAME; a key on the command line is seen by all.", param_hint="--key"
            )
        try:
            secret = SecretStr(resolve_reference(key, target.environ))
        except ValueError as error:
            raise click.BadParameter(f"{error}.", param_hint="--key") from error
    return ModelEndpoint(Api(api or Api.OPENAI), model, base_url.rstrip("/"), secret), None


async def _examine(
    endpoint: ModelEndpoint, embedding: ModelEndpoint | None, probes: int, language: Language
) -> Examined:
    from pitwall.kit.clock import SystemClock
    from pitwall.llm.examining import examine

    def told(what: str | None) -> None:
        text = _SIMULATED.say(language) if what is None else _EXAMINING.say(language, mode=what)
        click.echo(text, err=True)

    return await examine(endpoint, embedding, probes, SystemClock(), told)


def _keep(settings: Settings, project: str, findings: Findings, language: Language) -> None:
    from pitwall.access.authenticators import LOCAL_OPERATOR
    from pitwall.kit.clock import SystemClock
    from pitwall.llm.examining import keep
    from pitwall.stores.state import StateStore

    store = StateStore(settings.state_url).open()
    try:
        if not keep(store, findings, SystemClock(), by=LOCAL_OPERATOR.on_project(project)):
            return
    finally:
        store.close()
    endpoint, abilities = findings.endpoint, findings.abilities
    assert abilities is not None
    values = {"project": project, "model": endpoint.model, "mode": abilities.modes[0].value}
    click.echo(_KEPT.say(language, **values), err=True)
