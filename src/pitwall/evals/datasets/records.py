"""From what a file says to an example: fields found by name, values read, everything checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pitwall.evals.datasets.fields import PROMPTFOO_REFERENCE, sort_fields
from pitwall.evals.datasets.languages import find_language
from pitwall.evals.datasets.types import Place, Problem, ReadOptions, Record
from pitwall.evals.datasets.values import (
    Unreadable,
    clean,
    read_check,
    read_contexts,
    read_count,
    read_ids,
    read_metadata,
    read_number,
    read_reference,
    read_relevance,
    read_text,
    read_tool_calls,
    read_turns,
)
from pitwall.evals.types import Answer, Context, Example, Json, Turn
from pitwall.kit.hashing import content_hash
from pitwall.kit.i18n import Text
from pitwall.kit.text import check_line

MAX_ID = 200
_GENERATED_DIGITS = 12
_ANSWER_MEMBERS = {
    "text": "answer",
    "contexts": "contexts",
    "tool_calls": "tool_calls",
    "turns": "turns",
    "latency_ms": "latency_ms",
    "input_tokens": "input_tokens",
    "output_tokens": "output_tokens",
    "cost_usd": "cost_usd",
}
_ANSWER_TEXTS = ("trace_id", "error")


class RecordInvalid(Exception):
    """A record is no example."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.text.en)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class ReadExample:
    """An example of a file.

    Attributes:
        is_named: The file gives its id; otherwise it is made of the question.
    """

    place: Place
    example: Example
    is_named: bool


def read_record(record: Record, options: ReadOptions, language: str | None = None) -> ReadExample:
    """The example of a record.

    Args:
        record: What the file says.
        options: How it is to be read.
        language: Of the whole file, if it says one.

    Raises:
        RecordInvalid: It is none.
    """
    found, rest = sort_fields(_lifted(clean(dict(record.values))), options.columns)
    fields = _Fields(record.place, found, options)
    turns = fields.read("turns", lambda value: read_turns(value, options.separator)) or ()
    question = fields.read("question", read_text) or (turns[-1].question if turns else "")
    if not question.strip():
        raise fields.invalid("missing_question", "question", _MISSING_QUESTION)
    answer = _answer(fields, turns)
    column, references = found.get("reference", ("", None))
    reference = fields.read("reference", read_check if column == PROMPTFOO_REFERENCE else read_reference)
    if isinstance(references, list) and len(references) > 1:
        rest["references"] = references
    id_ = fields.read("id", read_id)
    own = fields.read("language", read_text) or language or options.language
    example = Example(
        id=id_ or f"q-{content_hash(question)[:_GENERATED_DIGITS]}",
        question=question,
        language=own or find_language(question, reference, answer.text if answer else None),
        group=fields.read("group", read_text),
        reference=reference,
        reference_contexts=fields.read(
            "reference_contexts", lambda value: read_contexts(value, options.separator)
        ),
        relevance=fields.read("relevance", lambda value: read_relevance(value, options.separator)),
        reference_tool_calls=fields.read("reference_tool_calls", read_tool_calls),
        answer=answer,
        trace_id=fields.read("trace_id", read_text),
        span_id=fields.read("span_id", read_text),
        metadata=_metadata(fields, rest),
    )
    return ReadExample(record.place, example, id_ is not None)


def read_id(value: Json) -> str:
    """The id of an example.

    Raises:
        Unreadable: It is too long, or has line breaks or control characters.
    """
    text = read_text(value).strip()
    try:
        check_line(text)
    except ValueError as error:
        raise Unreadable(
            "invalid_id",
            Text(
                "an id is one line without control characters.", "id는 제어 문자가 없는 한 줄이어야 합니다."
            ),
        ) from error
    if len(text) > MAX_ID:
        raise Unreadable(
            "invalid_id",
            Text(
                f"an id has at most {MAX_ID} characters, this one {len(text)}.",
                f"id는 {MAX_ID}자까지입니다. 지금은 {len(text)}자입니다.",
            ),
        )
    return text


_MISSING_QUESTION = Text(
    "there is no question. Known names are question, user_input, input, query; name another one with "
    "--map question=COLUMN.",
    "질문이 없습니다. question, user_input, input, query 중 하나를 쓰거나 --map question=열이름으로 "
    "지정하세요.",
)
_TWICE = Text(
    "it is said twice, in the metadata and beside it, with different values.",
    "메타데이터와 그 밖에서 서로 다른 값으로 두 번 나옵니다.",
)


@dataclass(frozen=True, slots=True)
class _Fields:
    """Fields of one record, read one by one so that a problem names its field."""

    place: Place
    found: Mapping[str, tuple[str, Any]]
    options: ReadOptions

    def read(self, name: str, how: Callable[[Any], Any]) -> Any:
        if name not in self.found:
            return None
        column, value = self.found[name]
        try:
            return how(value)
        except Unreadable as error:
            raise self.invalid(error.code, column, error.text) from error

    def invalid(self, code: str, field: str, text: Text) -> RecordInvalid:
        return RecordInvalid(Problem(self.place, code, text, field))


def _lifted(values: dict[str, Any]) -> dict[str, Any]:
    """A test of promptfoo: its variables beside the rest, what it must equal as the reference."""
    variables = values.get("vars")
    if not isinstance(variables, dict):
        return values
    checks = values.get("assert") or []
    kinds = ("equals", "similar", "factuality")
    told = [one for one in checks if isinstance(one, dict) and one.get("type") in kinds]
    reference = {"reference": told[0].get("value")} if told else {}
    rest = {name: value for name, value in values.items() if name != "vars"}
    return {**rest, **reference, **variables}


def _answer(fields: _Fields, turns: tuple[Turn, ...]) -> Answer | None:
    """What was answered; None if the record says nothing of it."""
    _, written = fields.found.get("answer", ("", None))
    if isinstance(written, dict):
        _check_answer(fields, written)
        members = {
            name: written[key] for key, name in _ANSWER_MEMBERS.items() if written.get(key) is not None
        }
        inner = {name: (f"answer.{name}", value) for name, value in members.items()}
        fields = _Fields(
            fields.place, {**fields.found, "answer": ("answer.text", None), **inner}, fields.options
        )
        turns = fields.read("turns", lambda value: read_turns(value, fields.options.separator)) or turns
    elif not fields.found.keys() & {*_ANSWER_MEMBERS.values(), "retrieved_ids"}:
        return None
    told = written if isinstance(written, dict) else {}
    # Of a conversation in another's form the last turn is what is judged; our own form says it all itself.
    last = turns[-1] if turns and not told else None
    text = fields.read("answer", lambda value: None if value is None else read_text(value))
    contexts = _contexts(fields)
    return Answer(
        text=text if text is not None or last is None else last.answer,
        contexts=contexts if contexts is not None or last is None else last.contexts or None,
        tool_calls=fields.read("tool_calls", read_tool_calls),
        turns=turns,
        latency_ms=fields.read("latency_ms", read_number),
        input_tokens=fields.read("input_tokens", read_count),
        output_tokens=fields.read("output_tokens", read_count),
        cost_usd=fields.read("cost_usd", read_number),
        trace_id=told.get("trace_id"),
        error=told.get("error"),
    )


def _check_answer(fields: _Fields, written: Mapping[str, Any]) -> None:
    """Refuse an answer in the form of somebody else, whose members would be lost."""
    column, _ = fields.found["answer"]
    for name, value in written.items():
        if name not in _ANSWER_MEMBERS and name not in _ANSWER_TEXTS:
            text = Text(
                f"an answer has no member {name!r}; write a text, or {', '.join(_ANSWER_MEMBERS)}.",
                f"답변에는 {name!r} 항목이 없습니다. 텍스트나 {', '.join(_ANSWER_MEMBERS)}(으)로 쓰세요.",
            )
            raise fields.invalid("unknown_member", column, text)
        if name in _ANSWER_TEXTS and not isinstance(value, str | None):
            text = Text(f"{name} is no text.", f"{name} 값은 텍스트가 아닙니다.")
            raise fields.invalid("not_text", f"{column}.{name}", text)


def _contexts(fields: _Fields) -> tuple[Context, ...] | None:
    """Retrieved chunks, with their ids if these stand in a field of their own."""
    separator = fields.options.separator
    contexts: tuple[Context, ...] | None = fields.read(
        "contexts", lambda value: read_contexts(value, separator)
    )
    ids: list[str] | None = fields.read("retrieved_ids", lambda value: read_ids(value, separator))
    if ids is None:
        return contexts
    if contexts is None:
        return tuple(Context("", id_) for id_ in ids)
    if len(ids) != len(contexts):
        column, _ = fields.found["retrieved_ids"]
        text = Text(
            f"there are {len(ids)} ids for {len(contexts)} contexts; each context needs one.",
            f"문맥이 {len(contexts)}개인데 id는 {len(ids)}개입니다. 문맥마다 하나씩 필요합니다.",
        )
        raise fields.invalid("ids_do_not_match", column, text)
    return tuple(Context(one.text, id_, one.score) for one, id_ in zip(contexts, ids, strict=True))


def _metadata(fields: _Fields, rest: Mapping[str, Any]) -> dict[str, Json]:
    own: dict[str, Json] = fields.read("metadata", read_metadata) or {}
    for name, value in rest.items():
        if name in own and own[name] != value:
            raise fields.invalid("said_twice", name, _TWICE)
    return {**rest, **own}
