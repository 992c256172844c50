"""Values of any kind are made safe; nothing here ever raises."""

from __future__ import annotations

import enum
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.sdk.values import clean_value, content_text, finite, to_json, truncate


class Colour(enum.StrEnum):
    RED = "red"


class BrokenMapping(Mapping[str, Any]):
    """A mapping that cannot be read."""

    def __getitem__(self, key: str) -> Any:
        raise RuntimeError

    def __iter__(self) -> Iterator[str]:
        raise RuntimeError

    def __len__(self) -> int:
        return 1


class Model:
    """As pydantic's models are."""

    def model_dump(self) -> dict[str, int]:
        return {"a": 1}


class BrokenModel:
    """A model whose own serialiser fails."""

    def model_dump(self) -> dict[str, int]:
        raise RuntimeError

    def __repr__(self) -> str:
        raise RuntimeError


@dataclass
class Point:
    x: int


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Colour.RED, "red"),
        (Fraction(1, 2), 0.5),
        ([1, [2, {"a": None}]], (1, (2, {"a": None}))),
        ({1: True}, {"1": True}),
        (range(3), (0, 1, 2)),
        (frozenset({1}), (1,)),
        (None, None),
    ],
)
def test_values_become_otlp_types(value: Any, expected: Any) -> None:
    """Subclasses, numbers of other libraries and containers."""
    cleaned = clean_value(value)
    assert cleaned == expected
    assert type(cleaned) is type(expected)


def test_unreadable_container_becomes_text() -> None:
    """Its failure is described, not raised."""
    assert "BrokenMapping" in clean_value(BrokenMapping())


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Model(), {"a": 1}),
        (Point(1), {"x": 1}),
        ({"s": {1}}, {"s": [1]}),
        (b"abc", "<3 bytes>"),
        ({2: Colour.RED}, {"2": "red"}),
        (2**70, str(2**70)),
        (float("inf"), None),
    ],
)
def test_json_of_application_objects(value: Any, expected: Any) -> None:
    """Models, data classes, sets and bytes have a readable form."""
    assert json.loads(to_json(value)) == expected


@pytest.mark.parametrize("value", [BrokenModel(), "\ud800", [BrokenModel()], BrokenMapping()])
def test_json_of_hostile_objects_is_still_json(value: Any) -> None:
    """An object that fails to serialise is described."""
    assert isinstance(json.loads(to_json(value)), (str, list))


@given(st.text(), st.integers(1, 50))
def test_truncation_says_what_is_missing(text: str, limit: int) -> None:
    """At most the limit, and the number of characters left out is exact."""
    cut = truncate(text, limit)
    if len(text) <= limit:
        assert cut == text
    else:
        assert cut == f"{text[:limit]}... [{len(text) - limit} more characters]"


def test_content_keeps_text_as_it_is() -> None:
    """Text is not quoted, everything else is JSON."""
    assert (content_text("가"), content_text(["가"])) == ("가", '["가"]')


@pytest.mark.parametrize(
    ("value", "expected"), [(1, 1.0), ("2.5", 2.5), (None, None), ("x", None), (1e999, None)]
)
def test_finite_is_a_number_or_nothing(value: Any, expected: float | None) -> None:
    """Not-a-number is no data."""
    assert finite(value) == expected
