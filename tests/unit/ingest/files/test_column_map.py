"""The language of column maps."""

from __future__ import annotations

import pytest

from pitwall.ingest.files.column_map import ColumnMap, parse_map
from pitwall.ingest.files.errors import InvalidMap


def columns_of(column_map: ColumnMap) -> dict[str, str]:
    """Return the column of each field."""
    return {entry.field: entry.column for entry in column_map.entries}


def test_entries_are_separated_by_commas_or_given_apart() -> None:
    """One text with several entries is the same as several texts."""
    together = parse_map(["started_at=TIMESTAMP,input_tokens=ContextTokens"], {})
    apart = parse_map(["started_at=TIMESTAMP", "input_tokens=ContextTokens"], {})
    assert together == apart
    assert columns_of(together) == {"started_at": "TIMESTAMP", "input_tokens": "ContextTokens"}


def test_comma_in_a_format_does_not_end_an_entry() -> None:
    """An entry ends only where another field begins."""
    column_map = parse_map(["started_at=timestamp:%m/%d/%Y, %H:%M:%S,model=model"], {})
    assert columns_of(column_map) == {"started_at": "timestamp", "model": "model"}
    assert column_map.entries[0].time is not None
    assert column_map.entries[0].time.format == "%m/%d/%Y, %H:%M:%S"


def test_quotes_keep_a_column_whole() -> None:
    """A column whose name has a colon or a comma."""
    column_map = parse_map(['started_at="time: start, local":ms', 'model="Unnamed: 0"'], {})
    assert columns_of(column_map) == {"started_at": "time: start, local", "model": "Unnamed: 0"}


def test_units_become_factors() -> None:
    """A length of time in another unit becomes milliseconds."""
    column_map = parse_map(["ts=t,duration_ms=latency:s,ttft_ms=first:us"], {})
    assert [entry.factor for entry in column_map.entries] == [1.0, 1000.0, 0.001]


def test_names_that_users_have_are_understood() -> None:
    """The field names of the trace events work too."""
    column_map = parse_map(["ts=a,latency_ms=b,prompt_tokens=c,interaction_id=d"], {})
    assert [entry.field for entry in column_map.entries] == [
        "started_at",
        "duration_ms",
        "input_tokens",
        "request_id",
    ]


@pytest.mark.parametrize(
    ("mapping", "constants", "kind"),
    [
        (["ts=t,input_tokens=n"], {}, "llm"),
        (["ts=t"], {"model": "m"}, "llm"),
        (["ts=t"], {}, "other"),
        (["ts=t,model=m"], {"kind": "embedding"}, "embedding"),
    ],
)
def test_what_has_a_model_is_a_model_call(mapping: list[str], constants: dict[str, str], kind: str) -> None:
    """Unless the map says what the records are."""
    assert parse_map(mapping, constants).constants["kind"] == kind


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("started_at", "no entry"),
        ("modell=m", "Did you mean model"),
        ("TIMESTAMP=started_at", "write started_at=TIMESTAMP"),
        ("when=started_at", "write started_at=when"),
        ("duration_ms=latency:parsec", "unit 'parsec'"),
        ("model=name:ms", "no length of time"),
        ("model=name@2026-01-01", "no time"),
        ("started_at=t:ms@someday", "the origin is 'someday'"),
        ("input_tokens=a,input_tokens=b", "twice"),
    ],
)
def test_mistakes_are_said_with_the_way_out(entry: str, said: str) -> None:
    """Message or hint names what is wrong."""
    with pytest.raises(InvalidMap) as caught:
        parse_map([f"ts=t,{entry}"], {})
    assert said in str(caught.value)


def test_map_needs_a_time() -> None:
    """Nothing can be stored that happened at no time."""
    with pytest.raises(InvalidMap, match="no started_at"):
        parse_map(["model=m"], {})


def test_unknown_time_zone_is_refused() -> None:
    """With its name."""
    with pytest.raises(InvalidMap, match="Seul"):
        parse_map(["ts=t"], {}, timezone="Asia/Seul")


def test_missing_column_names_the_nearest() -> None:
    """A typo is answered with what the file has."""
    column_map = parse_map(["started_at=timestamp,input_tokens=ContextToken"], {})
    with pytest.raises(InvalidMap) as caught:
        column_map.check_columns(["timestamp", "ContextTokens"])
    assert "'ContextToken'" in str(caught.value)
    assert "Did you mean ContextTokens?" in str(caught.value)
