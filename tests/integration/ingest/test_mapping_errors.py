"""Error classes in the views: the same table as the SDK's classifier, the same answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pitwall.core.error_rules import make_evidence, match_rules
from pitwall.core.vocabulary import ErrorClass
from pitwall.ingest.mapping.errors import error_class_sql
from pitwall.stores.telemetry.engine import TelemetryEngine
from tests.integration.ingest.mapping_rows import SpanMapping, make_request
from tests.support.failures import FAILURES, Said

_PIECES = [
    *{said.error_type for said in FAILURES},
    *{said.text for said in FAILURES},
    *(
        "time-out",
        "timeout=",
        "timeout\n",
        "429",
        ":",
        "(",
        "'",
        "Error",
        "ERROR: ",
        "ssl",
        "İK",
        "ſ",
        "초과",
    ),
    *("시간 ", "error code ", "status", "http/1.1 ", "_", " ", "\t", "status: 503", "{'code': 'quota'}"),
    "raised ReadTimeout:",
]
_TEXTS = st.lists(st.sampled_from(_PIECES), max_size=4).map("".join)
_FAILURES = st.tuples(_TEXTS, _TEXTS, st.sampled_from([0, 200, 400, 429, 503, 599]))


def _span(said: Said) -> dict[str, Any]:
    attributes: dict[str, Any] = {"error.type": said.error_type} if said.error_type else {}
    if said.status:
        attributes["http.response.status_code"] = said.status
    return {"attributes": attributes, "message": said.text, "code": 2}


def test_views_and_table_agree_on_what_libraries_say(mapping: SpanMapping) -> None:
    """Every failure of the corpus gets its class from the SQL, and from the oracle."""
    rows = mapping.assert_agrees(*(make_request(_span(said)) for said in FAILURES))
    found = [ErrorClass(row["error_class"]) for row in rows]
    wrong = [(said, name) for said, name in zip(FAILURES, found, strict=True) if name is not said.error_class]
    assert wrong == []


def test_exception_event_tells_what_the_span_does_not(mapping: SpanMapping) -> None:
    """A span whose status says nothing is judged by the type and message of its exception event."""
    event = ("exception", 1, {"exception.type": "openai.APIError", "exception.message": "rate limit reached"})
    span = {"code": 2, "message": "the answer failed", "attributes": {"error.type": "500"}, "events": [event]}
    (row,) = mapping.assert_agrees(make_request(span))
    assert (row["error_class"], row["error_type"]) == ("rate_limit", "500")


def test_error_class_that_a_span_names_is_kept(mapping: SpanMapping) -> None:
    """The SDK has seen the exception itself; its word counts."""
    span = {"code": 2, "message": "429", "attributes": {"pitwall.error.class": "guardrail"}}
    (row,) = mapping.assert_agrees(make_request(span))
    assert row["error_class"] == "guardrail"


# A failing list is told in full; shrinking it would ask the engine for minutes.
@settings(max_examples=60, phases=(Phase.generate,), deadline=None)
@given(st.lists(_FAILURES, min_size=30, max_size=60))
def test_sql_and_python_read_any_text_alike(
    telemetry_engine: TelemetryEngine, given_failures: Sequence[tuple[str, str, int]]
) -> None:
    """Whatever pieces a text is made of, both find the same rule."""
    sql = error_class_sql(("t.1", "''"), ("t.2",), "t.3")
    rows = telemetry_engine.query(
        f"SELECT {sql} AS found FROM (SELECT arrayJoin({{given:Array(Tuple(String, String, UInt16))}}) AS t)",
        {"given": list(given_failures)},
    ).dicts()
    differing = [
        (failure, row["found"], expected)
        for failure, row in zip(given_failures, rows, strict=True)
        if (expected := _expected(*failure)) != row["found"]
    ]
    assert differing == []


def _expected(error_type: str, text: str, status: int) -> ErrorClass:
    return match_rules(make_evidence((error_type, ""), text, status)) or ErrorClass.INTERNAL
