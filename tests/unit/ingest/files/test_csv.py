"""Rows of CSV."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from pitwall.ingest.files.cutting import cut_records, parse_header
from pitwall.kit.clock import to_unix_nano
from tests.unit.ingest.files.factories import attributes_of, read_table, spans_of

AZURE = (
    b"TIMESTAMP,ContextTokens,GeneratedTokens\r\n"
    b"2023-11-16 18:17:03.9799600,4808,10\r\n"
    b"2023-11-16 18:17:04.0319600,3180,8"
)


def test_rows_of_a_request_log() -> None:
    """Carriage returns, seven digits of a second, and a last row without an end."""
    first, second = spans_of(
        read_table(AZURE, "started_at=TIMESTAMP,input_tokens=ContextTokens", constants={"model": "gpt-code"})
    )
    assert first.start_time_unix_nano == to_unix_nano(datetime(2023, 11, 16, 18, 17, 3, 979_960, tzinfo=UTC))
    assert attributes_of(second) == {
        "pitwall.duration.known": False,
        "pitwall.span.kind": "llm",
        "gen_ai.request.model": "gpt-code",
        "gen_ai.usage.input_tokens": 3180,
    }


def test_quotes_lines_within_fields_and_byte_order_mark() -> None:
    """What a spreadsheet writes."""
    data = '\ufeff"when";"text"\n1795176000;"one ""two""\nthree; 넷"\n1795176001;plain\n'.encode()
    quoted, plain = spans_of(read_table(data, "ts=when,output=text", delimiter=";"))
    assert attributes_of(quoted)["output.value"] == 'one "two"\nthree; 넷'
    assert attributes_of(plain)["output.value"] == "plain"


def test_units_and_empty_fields() -> None:
    """Seconds become milliseconds; an empty field is absent, not zero."""
    data = b"t,latency,cost,n\n1795176000,1.5,0.25,\n"
    (span,) = spans_of(read_table(data, "ts=t,duration_ms=latency:s,cost_usd=cost,output_tokens=n"))
    assert span.end_time_unix_nano - span.start_time_unix_nano == 1_500_000_000
    assert attributes_of(span) == {"pitwall.span.kind": "llm", "gen_ai.usage.cost": 0.25}


def test_bad_rows_are_put_aside_with_their_line() -> None:
    """Too few fields and no number; the rows around them are kept."""
    data = b't,n\n1795176000,1\n"\n1795176001"\n1795176002,many\n1795176003,4\n'
    batch = read_table(data, "ts=t,input_tokens=n")
    assert [(problem.line.number, problem.reason) for problem in batch.problems] == [
        (3, "malformed"),
        (5, "wrong_type"),
    ]
    assert len(list(batch.spans())) == 2


def test_header_may_have_lines_in_it() -> None:
    """A quoted column name over two lines."""
    assert parse_header(b'"a\nb",c\n', ",") == ("a\nb", "c")


FIELDS = st.text(st.sampled_from('ab",\n\r;가'), max_size=8)


@given(st.lists(st.lists(FIELDS, min_size=2, max_size=3), min_size=1, max_size=8), st.integers(0, 200))
def test_cut_never_divides_a_row(rows: list[list[str]], at: int) -> None:
    """Whatever bytes of a file are there, what is cut off is whole rows."""
    written = [
        "".join(f'"{field.replace(chr(34), chr(34) * 2)}",' for field in row)[:-1] + "\n" for row in rows
    ]
    data = "".join(written).encode()
    ends = {0}
    for row in written:
        ends.add(max(ends) + len(row.encode()))
    assert len(cut_records(data[:at], ",")) in ends
