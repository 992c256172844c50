"""Several questions in one request: read, asked together, and written in one of two shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pitwall.core.errors import PitwallError
from pitwall.signals.service import Signals, required
from pitwall.signals.types import Answer, SignalQuery
from pitwall.signals.watermark import Present
from pitwall.signals.wire import read_query, result_view, series_view

Written = Mapping[str, Any]


def answers_in_rows(signals: Signals, project: str, questions: Sequence[Written]) -> list[dict[str, Any]]:
    """Answers with a row per value, in the order of the questions.

    Raises:
        PitwallError: A question is wrong; no other one is answered either.
    """
    present = signals.watermark.present()
    answers = signals.query_many([read_query(present, project, written) for written in questions])
    return [result_view(required(answer)) for answer in answers]


def answers_in_series(signals: Signals, project: str, questions: Sequence[Written]) -> list[dict[str, Any]]:
    """Answers with a list of values per series, in the order of the questions; or an error.

    Raises:
        StoreUnavailable: The store cannot be reached, so that no question has an answer.
    """
    present = signals.watermark.present()
    asked = [_try_to_read(present, project, written) for written in questions]
    found = iter(signals.query_many([query for query in asked if isinstance(query, SignalQuery)]))
    answers: list[Answer] = [next(found) if isinstance(query, SignalQuery) else query for query in asked]
    return [
        _error_view(written["name"], answer) if isinstance(answer, PitwallError) else series_view(answer)
        for written, answer in zip(questions, answers, strict=True)
    ]


def _try_to_read(present: Present, project: str, written: Written) -> SignalQuery | PitwallError:
    try:
        return read_query(present, project, written)
    except PitwallError as error:
        return error


def _error_view(name: str, error: PitwallError) -> dict[str, Any]:
    return {"name": name, "error": {"code": error.code, "detail": error.message, "hint": error.hint}}
