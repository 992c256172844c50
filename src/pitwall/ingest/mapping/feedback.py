"""Scores on spans: `evaluations.N.evaluation.*` and `annotations.N.annotation.*` (OpenInference), and
span events `gen_ai.evaluation.result`.

An event and a list are about their span; a list with `trace.` or `session.` before it, about the whole trace
or session. The same span sent again replaces its scores. A score of a session whose span names none stays
with the trace.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from pitwall.ingest.mapping.logs import EVALUATION_EVENT
from pitwall.ingest.mapping.slots import field, has_field, name_field
from pitwall.ingest.mapping.sql import lookup, quote, select, strings

SOURCES: Final = ("human", "llm", "code")
OTHER_SOURCE: Final = "otlp"
_ITEM: Final = (
    r"^(?:trace[.]|session[.])?(?:evaluations[.][0-9]+[.]evaluation|annotations[.][0-9]+[.]annotation)[.]"
)
# Parts of a score, and the attribute of an event that has each.
_PARTS: Final[Mapping[str, str]] = {
    "name": "gen_ai.evaluation.name",
    "score": "gen_ai.evaluation.score.value",
    "label": "gen_ai.evaluation.score.label",
    "explanation": "gen_ai.evaluation.explanation",
    "annotator_kind": "pitwall.score.source",
    "identifier": "gen_ai.evaluation.evaluator.name",
    "metadata": "pitwall.score.metadata",
    "error_type": "error.type",
}
_NAMES: Final = tuple(_PARTS)
_EVENT: Final = "event."
_CARRIED: Final = (
    "project", "environment", "service", "received_unix_nano", "log_position", "trace_id", "span_id",
    "end_unix_nano",
)  # fmt: skip


def feedback_select(source: str) -> str:
    """SELECT with the columns of `scores_in` from the rows of `source` (`span_rows_in`) that hold scores.

    Few columns in few steps, with few functions: nearly no insert has scores, and each one plans this.
    """
    names = "tupleElement(events, 'name')"
    listed = f"arrayDistinct(arrayMap(k -> extract(k, {quote(_ITEM)}), keys))"
    is_told = f"name = {quote(EVALUATION_EVENT)}"
    told = (
        f"arrayMap((name, n) -> if({is_told}, concat({quote(_EVENT)}, toString(n)), ''), "
        f"{names}, arrayEnumerate(events))"
    )
    event = f"events[toUInt16OrZero(substring(item, {len(_EVENT) + 1}))]"
    part = (
        f"if(startsWith(item, {quote(_EVENT)}), tupleElement({event}, 'attributes')[given], "
        "vals[indexOf(keys, concat(item, part))])"
    )
    read = {
        **{name: name for name in _CARRIED},
        "session_id": name_field("session_id"),
        "run_id": field("run_id"),
        "item": f"arrayJoin(arrayConcat({listed}, {told}))",
        "parts": f"arrayMap((part, given) -> {part}, {strings(_NAMES)}, {strings(_PARTS.values())})",
    }
    has_event = f"has({names}, {quote(EVALUATION_EVENT)})"
    rows = f"{select(read, source)} WHERE {has_field('feedback')} OR {has_event}"
    return f"{select(_columns(), f'({rows}) AS f')} WHERE notEmpty(item) AND notEmpty({_part('name')})"


def _part(name: str) -> str:
    return f"parts[{_NAMES.index(name) + 1}]"


def _columns() -> dict[str, str]:
    is_of_session = "startsWith(item, 'session.') AND notEmpty(f.session_id)"
    is_of_span = "NOT startsWith(item, 'session.') AND NOT startsWith(item, 'trace.')"
    metadata = _part("metadata")
    return {
        **{name: name for name in ("project", "environment", "service")},
        "score_id": f"lower(hex(sipHash128(project, f.trace_id, f.span_id, item, {_part('name')})))",
        "name": _part("name"),
        "at": "fromUnixTimestamp64Nano(end_unix_nano, 'UTC')",
        "received_at": "fromUnixTimestamp64Milli(intDiv(toInt64(received_unix_nano), 1000000), 'UTC')",
        "trace_id": f"if({is_of_session}, toFixedString('', 16), f.trace_id)",
        "span_id": f"if({is_of_span}, f.span_id, toFixedString('', 8))",
        "session_id": f"if({is_of_session}, f.session_id, '')",
        "run_id": "run_id",
        "value": f"toFloat64OrNull({_part('score')})",
        "label": _part("label"),
        "explanation": _part("explanation"),
        "source": lookup(f"lower({_part('annotator_kind')})", {s: s for s in SOURCES}, quote(OTHER_SOURCE)),
        "evaluator": _part("identifier"),
        "error_type": _part("error_type"),
        "attributes": f"if(empty({metadata}), map(), map('metadata', {metadata}))",
        "log_position": "log_position",
    }


def read_feedback(
    attributes: Mapping[str, str], events: Sequence[tuple[str, Mapping[str, str]]] = ()
) -> list[dict[str, str]]:
    """The same scores in Python, as texts by the names of their parts; `about` says what each is about."""
    items = [match[0] for key in attributes if (match := re.match(_ITEM, key, re.ASCII))]
    scores = [
        {
            "about": item.split(".")[0] if item.startswith(("trace.", "session.")) else "span",
            **{name: attributes.get(item + name, "") for name in _NAMES},
        }
        for item in dict.fromkeys(items)
    ]
    scores += [
        {"about": "span", **{name: given.get(key, "") for name, key in _PARTS.items()}}
        for event_name, given in events
        if event_name == EVALUATION_EVENT
    ]
    return [score for score in scores if score["name"]]
