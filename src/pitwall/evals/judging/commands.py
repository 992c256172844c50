"""`pitwall eval prompts`: what judges are told. Asks no server: a run is in the command's own process too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pitwall.evals.judging.own_prompts import check_name, read_own
from pitwall.evals.judging.prompts import COMMON
from pitwall.evals.judging.showing import differences, shown
from pitwall.evals.judging.wire import prompts_view, replaced_view
from pitwall.evals.metrics.registry import load
from pitwall.kit.cli_files import out_option, written
from pitwall.kit.cli_options import output_option, shell_language
from pitwall.kit.cli_output import Column, OutputFormat, emit
from pitwall.kit.i18n import Language, Text

_EXIT_DIFFERENT = 1
_LISTED = (
    Column("name", "prompt"),
    Column("version", "version", align="right"),
    Column("digest", "digest"),
    Column("places", "places", gives_way=2),
    Column("metrics", "asked with by", wrap=True, gives_way=1),
)
_REPLACED = (
    Column("name", "prompt"),
    Column("languages", "languages"),
    Column("version", "version", align="right"),
    Column("built_in_digest", "Pitwall's digest", gives_way=2),
    Column("digest", "digest"),
    Column("metrics", "asked with by", wrap=True, gives_way=1),
)
_FIXED = Text(
    "{name} is said with all of them and cannot be replaced.",
    "{name}은(는) 모든 프롬프트와 함께 쓰이며 바꿀 수 없습니다.",
)
_SAME = Text(
    "{name} says what Pitwall's own says, and replaces nothing.",
    "{name}은(는) Pitwall의 것과 같아 아무것도 바꾸지 않습니다.",
)
_UNNAMED = Text(
    "{name}, {code}: it does not speak of {words}, which the judge may answer all the same.",
    "{name}, {code}: {words}에 대한 설명이 없지만, 판정 모델은 그렇게 답할 수 있습니다.",
)
_RIGHT = Text(
    "Nothing is wrong with it. Scores of these metrics compare only with scores by the same prompts.",
    "잘못된 곳이 없습니다. 이 지표들의 점수는 같은 프롬프트로 매긴 점수끼리만 비교할 수 있습니다.",
)
_NOTHING = Text(
    "The file says what Pitwall's own prompts say.", "파일의 내용이 Pitwall의 프롬프트와 같습니다."
)
_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group()
def prompts() -> None:
    """See what judges are told, and write prompts of your own for `pitwall eval run --prompts`.

    The form of the reply, the numbers of items and their check, and the fence around data stay Pitwall's,
    whatever a prompt says.

    \b
    Example:
      pitwall eval prompts show claim_support -o prompts.yaml
      pitwall eval prompts check prompts.yaml
      pitwall eval run questions.json -m faithfulness --profile dev --prompts prompts.yaml
    """


@prompts.command("list")
@output_option
def list_prompts(output: OutputFormat) -> None:
    """List prompts: version, digest, the places that are filled in, and the metrics that ask with them.

    \b
    Example:
      pitwall eval prompts list
      pitwall eval prompts list --output json
    """
    view = prompts_view(load())
    is_table = output is OutputFormat.TABLE
    rows = [_row(one) for one in view["prompts"]] if is_table else view["prompts"]
    emit(rows, _LISTED, output, payload=view)
    if is_table:
        click.echo(_FIXED.say(shell_language(), name=COMMON), err=True)


@prompts.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@click.option(
    "--language",
    type=click.Choice([language.value for language in Language]),
    help="One language alone; in a file of yours the other one stays Pitwall's.",
)
@out_option()
def show(names: tuple[str, ...], language: str | None, out: Path | None) -> None:
    """Write prompts as YAML, word for word: to read, or to edit and give to `pitwall eval run --prompts`.

    \b
    Example:
      pitwall eval prompts show claim_support
      pitwall eval prompts show claims claim_support --language ko -o prompts.yaml
    """
    chosen = None if language is None else Language(language)
    text = "\n".join(shown(check_name(name), chosen) for name in dict.fromkeys(names))
    with written(out) as file:
        file.write(text.encode())


@prompts.command()
@_file
@output_option
def check(file: Path, output: OutputFormat) -> None:
    """Say what a file with prompts of your own replaces, or everything that is wrong with it.

    \b
    Example:
      pitwall eval prompts check prompts.yaml
      pitwall eval prompts check prompts.yaml --output json
    """
    view = replaced_view(read_own(file), load())
    is_table = output is OutputFormat.TABLE
    rows = [_row(one) for one in view["prompts"]] if is_table else view["prompts"]
    emit(rows, _REPLACED, output, payload=view)
    if not is_table:
        return
    for one in view["prompts"]:
        if one["is_same"]:
            click.echo(_SAME.say(shell_language(), name=one["name"]), err=True)
        for code, words in one["unnamed_verdicts"].items():
            said = {"name": one["name"], "code": code, "words": ", ".join(words)}
            click.echo(_UNNAMED.say(shell_language(), **said), err=True)
    click.echo(_RIGHT.say(shell_language()), err=True)


@prompts.command()
@_file
def diff(file: Path) -> None:
    """Tell in a unified diff what a file says otherwise than Pitwall's own prompts. Exit code 1 if anything.

    \b
    Example:
      pitwall eval prompts diff prompts.yaml
    """
    found = differences(read_own(file), str(file))
    click.echo(found, nl=False)
    if not found:
        click.echo(_NOTHING.say(shell_language()), err=True)
        return
    click.get_current_context().exit(_EXIT_DIFFERENT)


def _row(view: dict[str, Any]) -> dict[str, Any]:
    """A row of a table: lists in one cell; what is said with all prompts leaves no metric out."""
    if not view.get("is_replaceable", True):
        view = {**view, "metrics": []}
    return {
        name: " ".join(f"{{{one}}}" if name == "places" else one for one in value)
        if isinstance(value, list)
        else value
        for name, value in view.items()
    }
