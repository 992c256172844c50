"""`pitwall projects`: which there are, and how much each of them holds."""

from __future__ import annotations

import click

from pitwall.access.other_projects import PROJECTS
from pitwall.access.reach import reach
from pitwall.kit.cli_options import Target, output_option, target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit
from pitwall.kit.i18n import Text, choose_language

_COLUMNS = [
    Column("id", "project"),
    Column("name", "name", wrap=True),
    Column("spans_total", "spans", "right", show=lambda count: f"{count:,}"),
    Column("created_at", "created", gives_way=1),
]
_NONE = Text("There is no such project.", "그런 프로젝트가 없습니다.")


@click.group()
def projects() -> None:
    """List projects.

    \b
    Example:
      pitwall projects list
    """


@projects.command("list")
@output_option
@target_options
def list_(target: Target, output: OutputFormat) -> None:
    """List projects with the spans they hold; with an API key its own project.

    \b
    Example:
      pitwall projects list --output json
    """
    with reach(target) as client:
        answer = client.get(PROJECTS, {"project": target.project})
    empty = _NONE.say(choose_language(target.environ))
    emit(answer["projects"], _COLUMNS, output, payload=answer, empty=empty)
