"""`pitwall boards`: through a running server, or in the state store itself when none runs."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Protocol, TextIO
from urllib.parse import quote

import click

from pitwall.access.client import ApiClient
from pitwall.access.reach import LocalState, reach_state
from pitwall.core.errors import NotFound
from pitwall.kit.cli_options import Target, output_option, target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit, tell
from pitwall.kit.i18n import Language, Text, choose_language

_BOARDS = "/api/v1/boards"
_FROM = Text("pack {pack}", "팩 {pack}")
_CHANGED = Text("pack {pack}, changed by the team", "팩 {pack}, 팀이 수정함")
_TEAM = Text("team", "팀")
_REPLACE = Text(
    "There is a board {name} already ({origin}). Replace it?",
    "{name} 보드가 이미 있습니다({origin}). 바꿀까요?",
)
_DELETE = Text("Delete board {name} for everybody?", "모두가 쓰는 {name} 보드를 지울까요?")
_SAVED = Text("Saved board {name}.", "{name} 보드를 저장했습니다.")
_DELETED = Text("Deleted board {name}.", "{name} 보드를 지웠습니다.")
_RESET = Text("Board {name} is the pack's again.", "{name} 보드를 팩의 원래 내용으로 되돌렸습니다.")
_EMPTY = Text("The board is empty.", "보드가 비어 있습니다.")
_PARTS = [
    Column("part", "part"),
    Column("title", "title", wrap=True),
    Column("signals", "signals", wrap=True),
    Column("by", "by", gives_way=2),
    Column("range", "range", gives_way=3),
    Column("where", "where", gives_way=1),
]


class _Boards(Protocol):
    """What the commands need, whoever does it; answers are in the API's shape."""

    def list(self) -> dict[str, Any]: ...

    def get(self, name: str) -> dict[str, Any]: ...

    def yaml(self, name: str) -> str: ...

    def parse(self, text: str) -> dict[str, Any]: ...

    def save(self, body: dict[str, Any]) -> dict[str, Any]: ...

    def delete(self, name: str) -> dict[str, Any]: ...


@click.group()
def boards() -> None:
    """List, show and share boards of signals.

    \b
    Example:
      pitwall boards list
      pitwall boards export cost > cost.yaml
    """


@boards.command("list")
@output_option
@target_options
def list_(target: Target, output: OutputFormat) -> None:
    """List the boards of the packs and of the team.

    \b
    Example:
      pitwall boards list --output json
    """
    with _open_boards(target) as service:
        answer = service.list()
    language = choose_language(target.environ)
    columns = [
        Column("name", "name"),
        Column("title", "title", show=lambda title: str(title[language.value]), wrap=True),
        Column("origin", "from"),
        Column("tiles", "tiles", "right", show=lambda tiles: str(len(tiles)), gives_way=2),
        Column("charts", "charts", "right", show=lambda charts: str(len(charts)), gives_way=3),
        Column("problems", "problems", "right", show=lambda problems: str(len(problems))),
        Column("updated_at", "updated", gives_way=4),
    ]
    shown = [{**board, "origin": _origin(board, language)} for board in answer["boards"]]
    rows = shown if output is OutputFormat.TABLE else answer["boards"]
    emit(rows, columns, output, payload=answer)


@boards.command()
@click.argument("name")
@output_option
@target_options
def show(target: Target, name: str, output: OutputFormat) -> None:
    """Show what is on a board, and what of it cannot be answered.

    \b
    Example:
      pitwall boards show real_time
    """
    with _open_boards(target) as service:
        board = service.get(name)
    language = choose_language(target.environ)
    rows = _parts(board, language) if output is OutputFormat.TABLE else [board]
    emit(rows, _PARTS, output, payload=board, empty=_EMPTY.say(language))
    if output is OutputFormat.TABLE:
        for problem in board["problems"]:
            click.echo(problem["text"][language.value], err=True)


@boards.command()
@click.argument("name")
@target_options
def export(target: Target, name: str) -> None:
    """Write a board as YAML, as `import` and packs take it.

    \b
    Example:
      pitwall boards export cost > cost.yaml
    """
    with _open_boards(target) as service:
        click.echo(service.yaml(name), nl=False)


@boards.command("import")
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("--name", help="Save it under another name than the one in the file.")
@click.option("--yes", is_flag=True, help="Do not ask before a board is replaced.")
@output_option
@target_options
def import_(target: Target, file: TextIO, name: str | None, yes: bool, output: OutputFormat) -> None:
    """Save a board from a YAML file, `-` for stdin; a wrong one is told with its lines.

    \b
    Example:
      pitwall boards import cost.yaml
      pitwall boards export cost | pitwall boards import - --name my-cost
    """
    language = choose_language(target.environ)
    text = _read(file)
    with _open_boards(target) as service:
        wanted = service.parse(text)
        wanted["name"] = name or wanted["name"]
        before = _find(service, wanted["name"])
        if before is not None and not yes:
            _confirm(_REPLACE.say(language, name=wanted["name"], origin=_origin(before, language)))
        saved = service.save({**wanted, "revision": "" if before is None else before["revision"]})
    tell(saved, _SAVED.say(language, name=saved["name"]), output)


@boards.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@output_option
@target_options
def delete(target: Target, name: str, yes: bool, output: OutputFormat) -> None:
    """Delete a board of the team; a changed board of a pack goes back to the pack's.

    \b
    Example:
      pitwall boards delete my-cost --yes
    """
    language = choose_language(target.environ)
    if not yes:
        _confirm(_DELETE.say(language, name=name))
    with _open_boards(target) as service:
        answer = service.delete(name)
    done = _DELETED if answer["board"] is None else _RESET
    tell(answer, done.say(language, name=name), output)


def _confirm(question: str) -> None:
    click.confirm(question, abort=True, err=True)


def _read(file: TextIO) -> str:
    try:
        return file.read()
    except UnicodeDecodeError as error:
        raise click.BadParameter(f"{file.name} is no UTF-8 text.") from error


def _find(service: _Boards, name: str) -> dict[str, Any] | None:
    try:
        return service.get(name)
    except NotFound:
        return None


def _origin(board: dict[str, Any], language: Language) -> str:
    if board["pack"] is None:
        return _TEAM.say(language)
    return (_CHANGED if board["is_changed"] else _FROM).say(language, pack=board["pack"])


def _parts(board: dict[str, Any], language: Language) -> list[dict[str, Any]]:
    """Tiles and charts as rows."""
    tiles = [
        {
            "part": "tile",
            "title": tile["title"] and tile["title"][language.value],
            "signals": tile["signal"],
            "by": None,
            "range": tile["last"],
            "where": tile["where"],
        }
        for tile in board["tiles"]
    ]
    charts = [
        {
            "part": chart["kind"],
            "title": chart["title"][language.value],
            "signals": ", ".join(chart["signals"]),
            "by": ", ".join(chart["by"]) or None,
            "range": None,
            "where": chart["where"],
        }
        for chart in board["charts"]
    ]
    return [*tiles, *charts]


def _open_boards(target: Target) -> AbstractContextManager[_Boards]:
    """Use the running server; without one, the state store itself, which anybody may open."""
    return reach_state(target, _RemoteBoards, _local)


def _local(state: LocalState) -> _Boards:
    from pitwall.boards.local import LocalBoards  # the packages of the state store are an extra
    from pitwall.signals.catalogue import all_packs

    return LocalBoards(state.store, state.clock, all_packs(state.settings.packs), state.project)


class _RemoteBoards:
    """Boards through the API."""

    def __init__(self, client: ApiClient, project: str | None) -> None:
        self._client = client
        self._project = {"project": project}

    def list(self) -> dict[str, Any]:
        return self._get("")

    def get(self, name: str) -> dict[str, Any]:
        return self._get(_path(name))

    def yaml(self, name: str) -> str:
        return str(self._get(f"{_path(name)}/yaml")["yaml"])

    def parse(self, text: str) -> dict[str, Any]:
        answer = self._client.post(f"{_BOARDS}/parse", {"yaml": text}, self._project)
        board: dict[str, Any] = answer["board"]
        return board

    def save(self, body: dict[str, Any]) -> dict[str, Any]:
        saved: dict[str, Any] = self._client.request(
            "PUT", f"{_BOARDS}{_path(body['name'])}", params=self._project, body=body
        )
        return saved

    def delete(self, name: str) -> dict[str, Any]:
        answer: dict[str, Any] = self._client.delete(f"{_BOARDS}{_path(name)}", self._project)
        return answer

    def _get(self, path: str) -> dict[str, Any]:
        answer: dict[str, Any] = self._client.get(f"{_BOARDS}{path}", self._project)
        return answer


def _path(name: str) -> str:
    return f"/{quote(name, safe='')}"
