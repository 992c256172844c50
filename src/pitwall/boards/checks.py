"""What of a board the catalogue can answer; the same whether it is saved, shown or loaded from a pack."""

from __future__ import annotations

from collections.abc import Iterator

from pitwall.boards.types import Board, BoardProblem
from pitwall.kit.i18n import Text
from pitwall.signals.catalogue import Catalogue
from pitwall.signals.errors import ExpressionInvalid, QuestionInvalid, UnknownSignal
from pitwall.signals.evaluation import check_question
from pitwall.signals.expressions import Breakdown

_TILE = Text("Tile {number}: {problem}", "타일 {number}: {problem}")
_CHART = Text("Chart {number}: {problem}", "차트 {number}: {problem}")
_UNKNOWN = Text("There is no signal {name}.", "이름이 {name}인 신호가 없습니다.")
_NEAREST = Text(" Did you mean {names}?", " 비슷한 이름: {names}.")
_MANY_VALUES = Text(
    "{name} has many values per window and no single number; put it in a chart.",
    "{name}에는 구간마다 값이 여러 개라 숫자 하나로 보일 수 없습니다. 차트에 넣으세요.",
)
_LABELS = Text(
    "{name} cannot be split by all of {by}; it has {known}.",
    "{by} 레이블로 나눌 수 없는 신호입니다: {name}. 나눌 수 있는 레이블: {known}.",
)
_CONDITION = Text("the condition does not fit {name}: {error}", "조건이 {name} 신호에 맞지 않습니다. {error}")


def problems_of(board: Board, catalogue: Catalogue) -> tuple[BoardProblem, ...]:
    """Everything on a board that cannot be answered, in the order of the board."""
    return (*_tile_problems(board, catalogue), *_chart_problems(board, catalogue))


def _tile_problems(board: Board, catalogue: Catalogue) -> Iterator[BoardProblem]:
    for index, tile in enumerate(board.tiles):
        problem = _problem(catalogue, tile.signal, (), tile.where)
        if problem is None and isinstance(catalogue.get(tile.signal).value, Breakdown):
            problem = _filled(_MANY_VALUES, name=tile.signal)
        if problem is not None:
            yield BoardProblem(f"tiles.{index}", _numbered(_TILE, index, problem))


def _chart_problems(board: Board, catalogue: Catalogue) -> Iterator[BoardProblem]:
    for index, chart in enumerate(board.charts):
        for position, name in enumerate(chart.signals):
            problem = _problem(catalogue, name, chart.by, chart.where)
            if problem is not None:
                where = f"charts.{index}.signals.{position}"
                yield BoardProblem(where, _numbered(_CHART, index, problem))


def _problem(catalogue: Catalogue, name: str, by: tuple[str, ...], where: str) -> Text | None:
    try:
        check_question(catalogue, name, by=by, where=where)
    except UnknownSignal:
        near = catalogue.nearest_names(name)
        unknown, nearest = _filled(_UNKNOWN, name=name), _filled(_NEAREST, names=", ".join(near))
        return Text(unknown.en + nearest.en, unknown.ko + nearest.ko) if near else unknown
    except QuestionInvalid:
        known = ", ".join(catalogue.get(name).by) or "–"
        return _filled(_LABELS, name=name, by=", ".join(by), known=known)
    except ExpressionInvalid as error:
        return _filled(_CONDITION, name=name, error=str(error))
    return None


def _filled(text: Text, **values: str) -> Text:
    return Text(text.en.format(**values), text.ko.format(**values))


def _numbered(text: Text, index: int, problem: Text) -> Text:
    number = index + 1
    return Text(
        text.en.format(number=number, problem=problem.en), text.ko.format(number=number, problem=problem.ko)
    )
