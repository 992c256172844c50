"""The form of answers: patterns, JSON, and the part of JSON Schema that is checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pitwall.evals.metrics.errors import InvalidMetricOption
from pitwall.evals.metrics.json_schema import check_schema, violations
from pitwall.evals.metrics.registry import identity
from tests.unit.evals.metrics.cases import OWN, make_case, score, value_of


@pytest.mark.parametrize(
    ("asked", "answer", "value"),
    [
        (r"regex:pattern=\d{4}-\d{2}", "on 2024-03-05", 1.0),
        (r"regex:pattern=\d{4}-\d{2}:match=whole", "on 2024-03", 0.0),
        (r"regex:pattern=\d{4}-\d{2}:match=whole", " 2024-03 \n", 1.0),
        ("regex:pattern=^결론:", "결론: 지급합니다", 1.0),
        ("regex:pattern=가", "\u1100\u1161", 1.0),
    ],
)
async def test_pattern(asked: str, answer: str, value: float) -> None:
    """In a part of the answer or the whole, however the syllables were typed."""
    assert await value_of(asked, make_case(answer)) == value


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("regex:pattern=(", "no regular expression"),
        ("regex:pattern=a:match=all", "match is 'all'"),
        ("regex", "needs the option 'pattern'"),
    ],
)
def test_wrong_pattern_is_refused(asked: str, said: str) -> None:
    """Before anything runs."""
    with pytest.raises(InvalidMetricOption, match=said):
        OWN.find(asked)


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ('{"a": [1, null, "가"]}', 1.0),
        ("3", 1.0),
        ('```json\n{"a": 1}\n```', 1.0),
        ('```\n{"a": 1}\n```\n', 1.0),
        ('Here it is: {"a": 1}', 0.0),
        ('```json\n{"a": 1}\n``` and more', 0.0),
        ("{'a': 1}", 0.0),
        ('{"a": NaN}', 0.0),
        ('{"a": 1', 0.0),
        ("[" * 100_000, 0.0),
    ],
)
async def test_json(answer: str, value: float) -> None:
    """Alone or in one fence; NaN is none, and depth breaks nothing."""
    found = await score("json_validity", make_case(answer))
    assert found.value == value
    assert bool(found.evidence["problems"]) == (value == 0.0)


SCHEMA = {
    "type": "object",
    "required": ["name", "age"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 1, "pattern": "^[A-Z]"},
        "age": {"type": "integer", "minimum": 0, "exclusiveMaximum": 150},
        "tags": {"type": "array", "items": {"$ref": "#/$defs/tag"}, "uniqueItems": True, "maxItems": 2},
        "kind": {"enum": ["a", 1, None]},
        "either": {"oneOf": [{"type": "string"}, {"const": 1}]},
        "any": {"anyOf": [{"type": ["number", "null"]}, {"not": {"type": "boolean"}}]},
    },
    "$defs": {"tag": {"type": "string", "maxLength": 3}},
}


@pytest.mark.parametrize(
    "value",
    [
        {"name": "Kim", "age": 3},
        {"name": "K", "age": 3.0, "tags": ["a", "bc"], "kind": None, "either": 1, "any": None},
    ],
)
def test_value_that_fits(value: Any) -> None:
    """Nothing is said of it."""
    assert list(violations(value, SCHEMA)) == []


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ([], "$: not of type object"),
        ({"name": "Kim"}, "$: has no 'age'"),
        ({"name": "kim", "age": 1}, "$.name: does not match"),
        ({"name": "", "age": 1}, "$.name: length 0, at least 1"),
        ({"name": "K", "age": True}, "$.age: not of type integer"),
        ({"name": "K", "age": 150}, "$.age: 150 breaks exclusiveMaximum 150"),
        ({"name": "K", "age": -1}, "$.age: -1 breaks minimum 0"),
        ({"name": "K", "age": 1, "x": 1}, "$.x: nothing is allowed here"),
        ({"name": "K", "age": 1, "tags": ["abcd"]}, "$.tags[0]: length 4, at most 3"),
        ({"name": "K", "age": 1, "tags": ["a", "a"]}, "$.tags: an item is there twice"),
        ({"name": "K", "age": 1, "tags": ["a", "b", "c"]}, "$.tags: items 3, at most 2"),
        ({"name": "K", "age": 1, "kind": True}, "$.kind: not one of"),
        ({"name": "K", "age": 1, "either": 2}, "$.either: fits 0 of oneOf"),
        ({"name": "K", "age": 1, "any": False}, "$.any: fits 0 of anyOf"),
    ],
)
def test_value_that_does_not_fit(value: Any, said: str) -> None:
    """The place and what is broken."""
    assert any(told.startswith(said) for told in violations(value, SCHEMA)), list(violations(value, SCHEMA))


@pytest.mark.parametrize(
    "schema",
    [{"patternProperties": {}}, {"properties": {"a": {"dependentRequired": {}}}}, {"anyOf": [{"if": {}}]}, 3],
)
def test_schema_that_asks_for_more_is_refused(schema: Any) -> None:
    """A word that would not be checked is not passed over."""
    with pytest.raises(ValueError, match="not supported|no object"):
        check_schema(schema)


async def test_schema_of_a_file(tmp_path: Path) -> None:
    """The identity has what the file says: another schema is another ruler."""
    file = tmp_path / "shape.json"
    file.write_text(json.dumps(SCHEMA), "utf-8")
    asked = f"json_validity:schema={file}"
    assert await value_of(asked, make_case('{"name": "Kim", "age": 3}')) == 1.0
    found = await score(asked, make_case('{"name": "Kim"}'))
    assert (found.value, found.evidence) == (0.0, {"problems": ["$: has no 'age'"]})
    before = identity(OWN.find(asked))
    file.write_text('{"type": "array"}', "utf-8")
    assert identity(OWN.find(asked)) != before


@pytest.mark.parametrize("content", [None, "{", '{"patternProperties": {}}'])
def test_schema_that_cannot_be_used_is_named(tmp_path: Path, content: str | None) -> None:
    """No such file, no JSON, or a word that is not supported."""
    file = tmp_path / "shape.json"
    if content is not None:
        file.write_text(content, "utf-8")
    with pytest.raises(InvalidMetricOption, match="schema"):
        OWN.find(f"json_validity:schema={file}")
