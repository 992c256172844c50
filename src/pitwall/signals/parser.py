"""Reads the expression language: a tokenizer and a recursive descent; nothing is evaluated."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn, TypeVar

from pitwall.signals.errors import ExpressionInvalid
from pitwall.signals.expressions import (
    Aggregate,
    And,
    Arithmetic,
    Column,
    Comparison,
    Condition,
    Function,
    Histogram,
    IsNull,
    Membership,
    MovingMean,
    Not,
    Number,
    Operator,
    Or,
    Over,
    Reference,
    Scalar,
    Share,
    Source,
    TopK,
    Truth,
    Value,
)

_MAX_LENGTH = 4000
_MAX_DEPTH = 40
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<string>'(?:[^']|'')*')"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)|(?P<symbol><=|>=|!=|!~|[=~<>()\[\],+*/-]))"
)
_COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">=", "~", "!~"})
_KEYWORDS = frozenset({"and", "or", "not", "in", "is", "null", "where", "of", "true", "false"})
_COUNTING = frozenset({Function.COUNT, Function.RATE})
_ACROSS = {"sum": Function.SUM, "max": Function.MAX, "min": Function.MIN, "mean": Function.MEAN}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Token:
    type: str
    text: str
    position: int


def parse_over(text: str) -> Over:
    """Read what a signal looks at: `spans where kind = 'llm'`.

    Raises:
        ExpressionInvalid: The text is not of that form.
    """
    return _parse(text, _Parser.over)


def parse_condition(text: str) -> Condition:
    """Read a condition: `model = 'qwen2.5:7b' and not (status = 'error')`.

    Raises:
        ExpressionInvalid: The text is no condition.
    """
    return _parse(text, _Parser.condition)


def parse_column(text: str) -> Column:
    """Read a column, or one key of a map column: `attributes['tenant']`.

    Raises:
        ExpressionInvalid: The text is neither.
    """
    return _parse(text, _Parser.column)


def parse_value(text: str) -> Value:
    """Read a value: `ratio(status = 'error')`, `quantile(0.95, duration_ms)` or `cost.usd / llm.requests`.

    Raises:
        ExpressionInvalid: The text is no value expression.
    """
    return _parse(text, _Parser.value)


def _parse(text: str, rule: Callable[[_Parser], T]) -> T:
    if len(text) > _MAX_LENGTH:
        raise ExpressionInvalid(f"An expression of {len(text)} characters is longer than {_MAX_LENGTH}.")
    parser = _Parser(text)
    result = rule(parser)
    parser.expect_end()
    return result


def _tokenize(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    position = 0
    end = len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            raise ExpressionInvalid(
                f"Unexpected {text[position:].lstrip()[:1]!r} at column {position + 1} of {text!r}.",
                hint="Texts stand in single quotes; comparisons are = != < <= > >= ~ !~ and in (...).",
            )
        kind = str(match.lastgroup)
        tokens.append(_Token(kind, _plain(match[kind]), match.start(kind)))
        position = match.end()
    tokens.append(_Token("end", "", len(text)))
    return tokens


def _plain(text: str) -> str:
    """Keywords in capitals, as people write them in SQL, are the same keywords."""
    return text.lower() if text.lower() in _KEYWORDS else text


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokenize(text)
        self._index = 0
        self._depth = 0

    def over(self) -> Over:
        token = self._name("a source")
        if token.text not in list(Source):
            self._fail(token, f"one of {', '.join(Source)}")
        return Over(Source(token.text), self._where())

    def condition(self) -> Condition:
        self._descend()
        parts = [self._conjunction()]
        while self._accept("or"):
            parts.append(self._conjunction())
        self._depth -= 1
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def value(self) -> Value:
        self._descend()
        left = self._product()
        while operator := self._accept("+", "-"):
            left = self._arithmetic(operator, left, self._product())
        self._depth -= 1
        return left

    def expect_end(self) -> None:
        if self._token.type != "end":
            self._fail(self._token, "the end")

    # Conditions

    def _conjunction(self) -> Condition:
        parts = [self._negation()]
        while self._accept("and"):
            parts.append(self._negation())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _negation(self) -> Condition:
        if not self._accept("not"):
            return self._primary()
        self._descend()
        part = self._negation()
        self._depth -= 1
        return part.part if isinstance(part, Not) else Not(part)

    def _primary(self) -> Condition:
        if self._accept("("):
            inner = self.condition()
            self._expect(")")
            return inner
        column = self.column()
        if self._token.text in _COMPARISONS and self._token.type == "symbol":
            return Comparison(column, self._next().text, self._scalar())
        if self._accept("is"):
            negated = self._accept("not")
            self._expect("null")
            return Not(IsNull(column)) if negated else IsNull(column)
        if self._accept("not"):
            self._expect("in")
            return Not(self._membership(column))
        return self._membership(column) if self._accept("in") else Truth(column)

    def _membership(self, column: Column) -> Membership:
        self._expect("(")
        values = [self._scalar()]
        while self._accept(","):
            values.append(self._scalar())
        self._expect(")")
        return Membership(column, tuple(values))

    def _where(self) -> Condition | None:
        return self.condition() if self._accept("where") else None

    def column(self) -> Column:
        name = self._name("a column").text
        if not self._accept("["):
            return Column(name)
        token = self._next()
        if token.type != "string":
            self._fail(token, "a key in single quotes")
        self._expect("]")
        return Column(name, _unquote(token.text))

    def _scalar(self) -> Scalar:
        sign = -1.0 if self._accept("-") else 1.0
        token = self._next()
        if token.type == "number":
            return sign * self._finite(token)
        if token.type == "string" and sign > 0:
            return _unquote(token.text)
        if token.text in ("true", "false") and sign > 0:
            return token.text == "true"
        return self._fail(token, "a number, a text in single quotes, true or false")

    # Values

    def _product(self) -> Value:
        left = self._factor()
        while operator := self._accept("*", "/"):
            left = self._arithmetic(operator, left, self._factor())
        return left

    def _arithmetic(self, operator: str, left: Value, right: Value) -> Value:
        if isinstance(left, Number) and isinstance(right, Number):
            self._fail(self._token, "a function or a signal beside a number")
        return Arithmetic(Operator(operator), left, right)

    def _factor(self) -> Value:
        if self._accept("("):
            inner = self.value()
            self._expect(")")
            return inner
        token = self._token
        if token.type == "number" or self._at("-"):
            return Number(self._number())
        name = self._name("a function, a signal or a number")
        if not self._accept("("):
            return Reference(name.text)
        call = self._call(name)
        self._expect(")")
        return call

    def _call(self, name: _Token) -> Value:
        if name.text == "moving_mean":
            windows = self._count()
            self._expect(",")
            return MovingMean(windows, self.value())
        if name.text == "histogram":
            return self._histogram()
        if name.text == "topk":
            size = self._count()
            self._expect(",")
            return TopK(size, self.column(), self._where())
        if name.text == "share":
            return Share(self.column(), self._where())
        if name.text not in list(Function):
            known = ", ".join([*Function, "moving_mean", "histogram", "topk", "share"])
            self._fail(name, f"one of the functions {known}")
        return self._aggregate(Function(name.text))

    def _aggregate(self, function: Function) -> Aggregate:
        if function in _COUNTING:
            return Aggregate(function, condition=None if self._at(")") else self.condition())
        if function is Function.RATIO:
            condition = self.condition()
            return Aggregate(
                function, condition=condition, base=self.condition() if self._accept("of") else None
            )
        level = self._level() if function is Function.QUANTILE else None
        column = self.column()
        across = self._across() if function is Function.LAST else None
        return Aggregate(function, column, self._where(), level=level, across=across)

    def _level(self) -> float:
        token = self._token
        level = self._number()
        if not 0 < level < 1:
            self._fail(token, "a quantile level between 0 and 1, for example 0.95")
        self._expect(",")
        return level

    def _across(self) -> Function | None:
        if not self._accept(","):
            return None
        token = self._next()
        return _ACROSS.get(token.text) or self._fail(token, f"one of {', '.join(_ACROSS)}")

    def _histogram(self) -> Histogram:
        column = self.column()
        token = self._token
        bounds: list[float] = []
        while self._accept(","):
            bounds.append(self._number())
        if not bounds or bounds != sorted(set(bounds)):
            self._fail(token, "increasing bucket bounds after the column")
        return Histogram(column, tuple(bounds), self._where())

    # Tokens

    @property
    def _token(self) -> _Token:
        return self._tokens[self._index]

    def _next(self) -> _Token:
        token = self._token
        self._index += token.type != "end"
        return token

    def _at(self, text: str) -> bool:
        return self._token.text == text and self._token.type in ("symbol", "name")

    def _accept(self, *texts: str) -> str | None:
        return self._next().text if any(self._at(text) for text in texts) else None

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            self._fail(self._token, repr(text))

    def _name(self, expected: str) -> _Token:
        token = self._next()
        if token.type != "name" or token.text in _KEYWORDS:
            self._fail(token, expected)
        return token

    def _number(self) -> float:
        sign = -1.0 if self._accept("-") else 1.0
        token = self._next()
        return sign * self._finite(token) if token.type == "number" else self._fail(token, "a number")

    def _finite(self, token: _Token) -> float:
        number = float(token.text)
        return number if math.isfinite(number) else self._fail(token, "a number that a computer can hold")

    def _count(self) -> int:
        token = self._token
        number = self._number()
        if number != int(number) or not 1 <= number <= 1000:
            self._fail(token, "a whole number from 1 to 1000")
        return int(number)

    def _descend(self) -> None:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise ExpressionInvalid(f"An expression is nested deeper than {_MAX_DEPTH} levels.")

    def _fail(self, token: _Token, expected: str) -> NoReturn:
        found = "the end" if token.type == "end" else repr(token.text)
        raise ExpressionInvalid(
            f"Expected {expected} but found {found} at column {token.position + 1} of {self._text!r}."
        )


def _unquote(text: str) -> str:
    return text[1:-1].replace("''", "'")
