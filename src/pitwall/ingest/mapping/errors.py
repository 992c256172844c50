"""The SQL of an error class: the rules of `core.error_rules` as the engine reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from pitwall.core.error_rules import (
    DEFAULT_CLASS,
    NAMES_IN_TEXT,
    QUALIFIER,
    RULES,
    STATUS_IN_TEXT,
    ErrorRule,
)
from pitwall.ingest.mapping.sql import first_non_empty, numbers, quote, strings

_NO_RULE = len(RULES) + 1


def error_class_sql(types: Sequence[str], texts: Sequence[str], status: str) -> str:
    """SQL of the class; evaluate it on failed spans only.

    Args:
        types: Expressions of the type names that were given.
        texts: Expressions of what was said.
        status: Expression of the HTTP status, 0 when there was none.
    """
    given = _lines(f"replaceRegexpOne(lower({name}), {quote(QUALIFIER)}, '')" for name in types)
    text = _lines(f"lower({text})" for text in texts)
    in_text = (f"arrayMap(n -> concat(n, '\\n'), extractAll({text}, {quote(p)}))" for p in NAMES_IN_TEXT)
    names = f"concat({given}, {', '.join(f'arrayStringConcat({found})' for found in in_text)})"
    known_status = f"if({status} >= 400, {status}, {_status_in(f'concat({given}, {text})')})"
    first = ", ".join(
        (
            _first_match(names, lambda rule: rule.names),
            _first_match(text, lambda rule: rule.text),
            _first_with_status(known_status),
        )
    )
    classes = [*(rule.error_class for rule in RULES), DEFAULT_CLASS]
    return f"{strings(classes)}[least({first})]"


def _lines(expressions: Iterable[str]) -> str:
    return "concat(" + ", ".join(f"{expression}, '\\n'" for expression in expressions) + ")"


def _first_match(text: str, pattern_of: Callable[[ErrorRule], str]) -> str:
    """The number of the first rule whose pattern the text meets."""
    patterns = {number: pattern_of(rule) for number, rule in enumerate(RULES, 1) if pattern_of(rule)}
    matching = f"multiMatchAllIndices({text}, {strings(patterns.values())})"
    position = f"arrayMin(arrayPushBack({matching}, {len(patterns) + 1}))"
    return f"{numbers([*patterns, _NO_RULE])}[{position}]"


def _status_in(text: str) -> str:
    return f"toUInt16OrZero({first_non_empty(*(f'extract({text}, {quote(p)})' for p in STATUS_IN_TEXT))})"


def _first_with_status(status: str) -> str:
    numbered = {code: number for number, rule in reversed([*enumerate(RULES, 1)]) for code in rule.statuses}
    return f"transform({status}, {numbers(numbered)}, {numbers(numbered.values())}, {_NO_RULE})"
