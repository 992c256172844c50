"""JSON read piece by piece is JSON read at once, wherever the pieces end."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.evals.datasets.errors import DatasetInvalid
from pitwall.evals.datasets.readers import json_scanner
from pitwall.evals.datasets.readers.json_scanner import JsonScanner

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def scan(text: str, size: int) -> list[Any]:
    """The values of a list, read with pieces of a size."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_scanner, "_CHUNK", size)
        scanner = JsonScanner(io.StringIO(text), "a.json")
        values = []
        scanner.take("[")
        mark = "," if scanner.peek() != "]" else scanner.take("]")
        while mark == ",":
            values.append(scanner.value())
            mark = scanner.take(",", "]")
        scanner.finish()
        return values


@given(st.lists(VALUES, max_size=5), st.integers(1, 40), st.sampled_from([None, 0, 2]), st.booleans())
def test_pieces_of_any_size_give_the_same_values(
    values: list[Any], size: int, indent: int | None, is_ascii: bool
) -> None:
    """Numbers, words, escapes and texts may be cut anywhere."""
    text = json.dumps(values, indent=indent, ensure_ascii=is_ascii)
    assert scan(text, size) == values


@given(st.lists(VALUES, min_size=1, max_size=3), st.data())
def test_a_text_that_was_cut_is_refused(values: list[Any], data: st.DataObject) -> None:
    """Whatever is missing at its end; nothing is read as if it were whole."""
    text = json.dumps(values)
    cut = text[: data.draw(st.integers(0, len(text) - 1))]
    with pytest.raises(DatasetInvalid, match="no valid JSON"):
        scan(cut, 8)


@pytest.mark.parametrize("size", [1, 5, 1_000])
def test_line_of_a_mistake_is_told(size: int) -> None:
    """Counted in the file, not in the piece."""
    with pytest.raises(DatasetInvalid, match="line 4"):
        scan('[\n{"a": 1},\n\n{"b": oops}]', size)


def test_value_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A quote that is never closed does not fill the memory."""
    monkeypatch.setattr(json_scanner, "MAX_VALUE", 100)
    with pytest.raises(DatasetInvalid, match="[Uu]nterminated"):
        scan('["' + "x" * 100_000, 16)
