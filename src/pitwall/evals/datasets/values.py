"""Values of fields in the forms that files write them: JSON, cells, lists of other products."""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Iterable, Mapping

from pitwall.evals.types import Context, Json, ToolCall, Turn
from pitwall.kit.i18n import Text
from pitwall.kit.text import normalise

_TEXTS = ("text", "content", "page_content", "pageContent", "passage", "document", "chunk", "body")
_IDS = ("id", "doc_id", "document_id", "chunk_id", "node_id", "_id")
_SCORES = ("score", "relevance_score", "similarity")
_GAINS = ("gain", "relevance", "grade", "score", "rel")
_USERS = ("user", "human")
_ASSISTANTS = ("assistant", "ai", "bot")
_SPOKEN = ("content", "text", "message")
_LISTS = ("[", "{")
_CHECKS = ("equals:", "similar:", "factuality:")


class Unreadable(ValueError):
    """A value does not fit its field; `code` names how, `text` says it to people."""

    def __init__(self, code: str, text: Text) -> None:
        super().__init__(text.en)
        self.code = code
        self.text = text


def clean(value: Json) -> Json:
    """A JSON value with all its texts in NFC."""
    match value:
        case str():
            return value if value.isascii() else normalise(value)
        case dict():
            return {clean(name): clean(item) for name, item in value.items()}
        case list() | tuple():
            return [clean(item) for item in value]
        case _:
            return value


def read_text(value: Json) -> str:
    """A text; numbers and flags as they are written.

    Raises:
        Unreadable: It is a list or an object.
    """
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer() and abs(value) < 2**53:
            return str(int(value))
        case int() | float():
            return str(value)
        case _:
            raise _unreadable(
                "not_text",
                f"a text is expected, not {_kind(value).en}.",
                f"텍스트여야 하는데 {_kind(value).ko}입니다.",
            )


def read_reference(value: Json) -> str | None:
    """The right answer; of several the first."""
    if isinstance(value, list):
        return read_text(value[0]) if value else None
    return read_text(value)


def read_check(value: Json) -> str:
    """The right answer as promptfoo writes it in a cell: maybe behind the kind of its check."""
    text = read_text(value)
    kind = next((kind for kind in _CHECKS if text.startswith(kind)), "")
    return text.removeprefix(kind).strip()


def read_number(value: Json) -> float:
    """A finite number that is not negative.

    Raises:
        Unreadable: It is none.
    """
    try:
        number = float(value) if isinstance(value, int | float | str) and value is not True else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or number < 0:
        raise _unreadable(
            "not_number",
            f"{_short(value)} is no number of 0 or more.",
            f"{_short(value)} 값은 0 이상의 수가 아닙니다.",
        )
    return number


def read_count(value: Json) -> int:
    """A whole number that is not negative.

    Raises:
        Unreadable: It is none.
    """
    number = read_number(value)
    if not number.is_integer():
        raise _unreadable(
            "not_number", f"{_short(value)} is no whole number.", f"{_short(value)} 값은 정수가 아닙니다."
        )
    return int(number)


def read_contexts(value: Json, separator: str) -> tuple[Context, ...]:
    """Chunks of text: a list, the JSON or Python form of one, or texts with a separator between them.

    Raises:
        Unreadable: It is none of these.
    """
    items = _listed(value)
    if items is None:
        text = read_text(value)
        parts = text.split(separator) if separator else [text]
        return tuple(Context(part.strip()) for part in parts if part.strip())
    return tuple(_context(item) for item in items if item not in (None, ""))


def read_relevance(value: Json, separator: str) -> dict[str, float]:
    """Gains by document id: a list of ids, of ids with gains, an object, or ids with a separator.

    Raises:
        Unreadable: It is none of these.
    """
    parsed = _parsed(value)
    if isinstance(parsed, dict):
        return {name: read_number(gain) for name, gain in parsed.items()}
    if not isinstance(parsed, list):
        parts = read_text(parsed).split(separator or "|")
        return {part.strip(): 1.0 for part in parts if part.strip()}
    return dict(_gain(item) for item in parsed)


def read_ids(value: Json, separator: str) -> list[str]:
    """Document ids, best first.

    Raises:
        Unreadable: They are neither a list nor texts.
    """
    items = _listed(value)
    if items is None:
        items = [part.strip() for part in read_text(value).split(separator or "|") if part.strip()]
    return [read_text(_first(item, _IDS) if isinstance(item, dict) else item) for item in items]


def read_tool_calls(value: Json) -> tuple[ToolCall, ...]:
    """Calls in the forms of Ragas, DeepEval and OpenAI; a text alone is a name.

    Raises:
        Unreadable: It is no list of calls.
    """
    items = _listed(value)
    if items is None:
        raise _unreadable(
            "not_tool_calls",
            f"{_short(value)} is no list of tool calls; write [{{name, arguments}}].",
            f"{_short(value)} 값은 도구 호출 목록이 아닙니다. [{{name, arguments}}] 형식으로 쓰세요.",
        )
    return tuple(map(_tool_call, items))


def read_turns(value: Json, separator: str) -> tuple[Turn, ...]:
    """A conversation: turns with question and answer, or messages with roles.

    Raises:
        Unreadable: It is neither.
    """
    items = _listed(value)
    if not items or not all(isinstance(item, dict) for item in items):
        raise _unreadable(
            "not_turns",
            "a conversation is a list of {question, answer} or of messages with role and content.",
            "대화는 {question, answer} 목록이거나 role과 content가 있는 메시지 목록이어야 합니다.",
        )
    if all("question" in item for item in items):
        return tuple(_turn(item, separator) for item in items)
    return _from_messages(items, separator)


def read_metadata(value: Json) -> dict[str, Json]:
    """An object, or the JSON of one.

    Raises:
        Unreadable: It is none.
    """
    parsed = _parsed(value)
    if not isinstance(parsed, dict):
        raise _unreadable(
            "not_object", f"{_short(value)} is no JSON object.", f"{_short(value)} 값은 JSON 객체가 아닙니다."
        )
    return parsed


def _context(item: Json) -> Context:
    if not isinstance(item, dict):
        return Context(read_text(item))
    id_, text, score = _first(item, _IDS), _first(item, _TEXTS), _first(item, _SCORES)
    if text is None and id_ is None:
        return Context(json.dumps(item, ensure_ascii=False))
    return Context(
        "" if text is None else read_text(text),
        None if id_ is None else read_text(id_),
        None if score is None else _score(score),
    )


def _score(value: Json) -> float:
    """A retriever's score, which may be negative."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _unreadable(
            "not_number", f"score {_short(value)} is no number.", f"score {_short(value)} 값은 수가 아닙니다."
        )
    return float(value)


def _gain(item: Json) -> tuple[str, float]:
    if not isinstance(item, dict):
        return read_text(item), 1.0
    id_, gain = _first(item, _IDS), _first(item, _GAINS)
    if id_ is None:
        raise _unreadable(
            "no_document_id", f"{_short(item)} has no id.", f"{_short(item)} 항목에 id가 없습니다."
        )
    return read_text(id_), 1.0 if gain is None else read_number(gain)


def _tool_call(item: Json) -> ToolCall:
    if isinstance(item, str):
        return ToolCall(item)
    inner = item.get("function", item) if isinstance(item, dict) else {}
    name = inner.get("name") if isinstance(inner, dict) else inner
    arguments = item if not isinstance(inner, dict) else inner
    given = _parsed(_first(arguments, ("arguments", "args", "input_parameters", "input")) or {})
    if not isinstance(name, str) or not name or not isinstance(given, dict):
        raise _unreadable(
            "not_tool_call",
            f"{_short(item)} is no tool call; it needs a name, and arguments as an object.",
            f"{_short(item)} 항목은 도구 호출이 아닙니다. name과 객체 형식의 arguments가 필요합니다.",
        )
    return ToolCall(name, given)


def _turn(item: Mapping[str, Json], separator: str) -> Turn:
    answer, latency, trace_id = item.get("answer"), item.get("latency_ms"), item.get("trace_id")
    contexts = item.get("contexts") or item.get("retrieved_contexts") or ()
    return Turn(
        read_text(item["question"]),
        None if answer is None else read_text(answer),
        read_contexts(contexts, separator),
        None if latency is None else read_number(latency),
        None if trace_id is None else read_text(trace_id),
    )


def _from_messages(items: Iterable[Mapping[str, Json]], separator: str) -> tuple[Turn, ...]:
    """Turns out of messages: what a user says, and the last thing that is said before they speak again."""
    turns: list[Turn] = []
    for item in items:
        role, said = item.get("role", item.get("type")), _first(item, _SPOKEN)
        text = None if said is None else read_text(said)
        if role in _USERS and text:
            turns.append(Turn(text))
        elif role in _ASSISTANTS and text and turns:
            contexts = item.get("retrieval_context") or item.get("contexts") or ()
            chunks = read_contexts(contexts, separator) or turns[-1].contexts
            turns[-1] = Turn(turns[-1].question, text, chunks)
    if not turns:
        raise _unreadable(
            "not_turns", "no message of a user in the conversation.", "대화에 사용자 메시지가 없습니다."
        )
    return tuple(turns)


def _listed(value: Json) -> list[Json] | None:
    """A list, also one that is written in a cell; None for what is no list."""
    parsed = _parsed(value)
    if isinstance(parsed, tuple):
        return list(parsed)
    if isinstance(parsed, dict):
        return [parsed]
    return parsed if isinstance(parsed, list) else None


def _parsed(value: Json) -> Json:
    """The value of a text that is JSON, or a list as Python writes it; else the text itself.

    Raises:
        Unreadable: It begins like a list of texts or objects and is none.
    """
    if not isinstance(value, str) or not value.lstrip().startswith(_LISTS):
        return value
    text = value.strip()
    for read in (json.loads, ast.literal_eval):
        try:
            return read(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
    if text.startswith(('["', "['", "[{", '{"')):
        raise _unreadable(
            "broken_list",
            f"{_short(text)} begins like a JSON list and is none; check quotes and brackets.",
            f"{_short(text)} 값은 JSON 목록처럼 시작하지만 올바르지 않습니다. 따옴표와 괄호를 확인하세요.",
        )
    return value


def _first(item: Mapping[str, Json], names: Iterable[str]) -> Json:
    return next((item[name] for name in names if item.get(name) is not None), None)


def _kind(value: Json) -> Text:
    match value:
        case dict():
            return Text("an object", "객체")
        case list() | tuple():
            return Text("a list", "목록")
        case _:
            return Text(f"a {type(value).__name__}", type(value).__name__)


def _short(value: Json) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _unreadable(code: str, english: str, korean: str) -> Unreadable:
    return Unreadable(code, Text(english, korean))
