"""Nothing is timed over nothing: a signal without a value is named instead."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest

from benchmarks.bench_queries import _QUESTIONS, Asker, Empty
from benchmarks.harness.dataset import DataSet
from benchmarks.harness.templates import make_pool
from benchmarks.harness.wire import Answer, Connection

DAY = next(question for question in _QUESTIONS if "24 h in 5 min" in question.claim)


class Server:
    """Answers questions about signals: a value or none, by name."""

    def __init__(self, **values: float | None) -> None:
        self._values = values

    def get(self, path: str) -> Answer:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        if not asked:
            return self._answer({"signals": [{"name": name, "by": ["model"]} for name in self._values]})
        rows = [{"value": None}, {"value": self._values[asked["name"]]}]
        return self._answer({**{key: asked[key] for key in ("name", "since", "until")}, "rows": rows})

    def _answer(self, content: Any) -> Answer:
        return Answer(200, {}, json.dumps(content).encode())


def asker_of(**values: float | None) -> Asker:
    end = int(datetime(2026, 11, 20, tzinfo=UTC).timestamp() * 1e9)
    data = DataSet(Path(), make_pool(requests=1, spans=5, seed=1), 1, end)
    return Asker(data, cast(Connection, Server(**values)), is_quick=True)


def test_signal_without_a_value_is_named_and_not_timed() -> None:
    """The figures speak of the signals that had an answer, zero included; the others stand in the note."""
    figures = DAY.ask(asker_of(filled=3.0, zero=0.0, empty=None), DAY)
    assert "all 2 signals" in figures[0].claim
    assert "no value in this data: empty" in figures[1].note
    assert all(figure.value is not None for figure in figures)


def test_all_signals_with_a_value_need_no_remark() -> None:
    """The note is for what was left out."""
    assert "no value" not in DAY.ask(asker_of(filled=3.0), DAY)[1].note


def test_data_without_any_value_is_not_measured() -> None:
    """A time over empty answers only is no figure."""
    with pytest.raises(Empty):
        DAY.ask(asker_of(empty=None), DAY)
