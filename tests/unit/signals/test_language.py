"""The expression language: what is written is what is read, and what is wrong is said with its place."""

from __future__ import annotations

import string
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.signals.checks import check_condition, check_dimension, check_value
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
    Share,
    Source,
    TopK,
    Truth,
    Value,
)
from pitwall.signals.parser import parse_condition, parse_over, parse_value

# Of a rejected draw hypothesis writes down the strategy, and that of nested expressions is long.
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")


NAMES = st.text(string.ascii_lowercase + "_", min_size=1, max_size=8).filter(
    lambda name: name not in {"and", "or", "not", "in", "is", "null", "where", "of", "true", "false"}
)
COLUMNS = st.builds(Column, NAMES, st.none() | st.text(max_size=6))
NUMBERS = st.floats(allow_nan=False, allow_infinity=False, width=32).map(lambda value: value + 0.0)
SCALARS = st.text(max_size=10) | NUMBERS | st.booleans()
LEAVES: st.SearchStrategy[Condition] = st.one_of(
    st.builds(Comparison, COLUMNS, st.sampled_from(["=", "!=", "<", "<=", ">", ">=", "~", "!~"]), SCALARS),
    st.builds(Membership, COLUMNS, st.lists(SCALARS, min_size=1, max_size=3).map(tuple)),
    st.builds(IsNull, COLUMNS),
    st.builds(Truth, COLUMNS),
)
CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        inner.filter(lambda part: not isinstance(part, Not)).map(Not),
        st.lists(inner.filter(lambda part: not isinstance(part, And)), min_size=2, max_size=3).map(
            lambda parts: And(tuple(parts))
        ),
        st.lists(inner.filter(lambda part: not isinstance(part, Or)), min_size=2, max_size=3).map(
            lambda parts: Or(tuple(parts))
        ),
    ),
    max_leaves=5,
)
OPTIONAL = st.none() | CONDITIONS
AGGREGATES = st.one_of(
    st.builds(Aggregate, st.sampled_from([Function.COUNT, Function.RATE]), condition=OPTIONAL),
    st.builds(Aggregate, st.just(Function.RATIO), condition=CONDITIONS, base=OPTIONAL),
    st.builds(Aggregate, st.sampled_from([Function.SUM, Function.MAX]), COLUMNS, OPTIONAL),
    st.builds(
        Aggregate,
        st.just(Function.QUANTILE),
        COLUMNS,
        OPTIONAL,
        level=st.sampled_from([0.5, 0.95, 0.999]),
    ),
    st.builds(
        Aggregate, st.just(Function.LAST), COLUMNS, OPTIONAL, across=st.sampled_from([None, Function.SUM])
    ),
)


def _has_no_constant_arithmetic(value: Value) -> bool:
    return not (
        isinstance(value, Arithmetic) and isinstance(value.left, Number) and isinstance(value.right, Number)
    )


VALUES: st.SearchStrategy[Value] = st.recursive(
    st.one_of(AGGREGATES, st.builds(Reference, NAMES), st.builds(Number, NUMBERS)),
    lambda inner: st.one_of(
        st.builds(Arithmetic, st.sampled_from(Operator), inner, inner).filter(_has_no_constant_arithmetic),
        st.builds(MovingMean, st.integers(1, 50), inner),
    ),
    max_leaves=4,
)


@given(CONDITIONS)
def test_condition_reads_back_as_it_was_written(condition: Condition) -> None:
    """Writing a condition and reading it again gives an equal condition, whatever its texts contain."""
    assert parse_condition(str(condition)) == condition


@given(VALUES)
def test_value_reads_back_as_it_was_written(value: Value) -> None:
    """Writing a value and reading it again gives an equal value."""
    assert parse_value(str(value)) == value


@given(st.text(alphabet="abc '()=<>!,.*/-+[]0123456789andorwherein\x00한", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text makes the parser fail in another way than with its own error."""
    for parse in (parse_over, parse_condition, parse_value):
        with suppress(ExpressionInvalid):
            assert parse(text) is not None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("count()", Aggregate(Function.COUNT)),
        (
            "2 * count() + 1",
            Arithmetic(
                Operator.ADD,
                Arithmetic(Operator.MULTIPLY, Number(2.0), Aggregate(Function.COUNT)),
                Number(1.0),
            ),
        ),
        ("histogram(hits, 0, 1, 5)", Histogram(Column("hits"), (0.0, 1.0, 5.0))),
        ("topk(3, error_class)", TopK(3, Column("error_class"))),
        ("share(model)", Share(Column("model"))),
        ("llm.a / llm.b", Arithmetic(Operator.DIVIDE, Reference("llm.a"), Reference("llm.b"))),
    ],
)
def test_value_is_read_by_the_usual_rules(text: str, value: Value) -> None:
    """Functions, signals and arithmetic with its usual precedence."""
    assert parse_value(text) == value


def test_keywords_may_be_written_in_capitals() -> None:
    """As people write them in SQL; names of columns and texts stay as they are."""
    condition = "NOT (status = 'AND' AND model IN ('a') OR name IS NULL)"
    assert parse_condition(condition) == parse_condition(
        "not (status = 'AND' and model in ('a') or name is null)"
    )


def test_over_names_a_source_and_its_records() -> None:
    """`spans where ...` is the source and the condition."""
    assert parse_over("spans where kind = 'llm'") == Over(
        Source.SPANS, Comparison(Column("kind"), "=", "llm")
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("count(", "found the end at column 7"),
        ("quantile(1.5, duration_ms)", "a quantile level between 0 and 1"),
        ("frobnicate(x)", "one of the functions count, rate"),
        ("histogram(hits, 5, 1)", "increasing bucket bounds"),
        ("sum(x", "Expected ')'"),
        ("count() * (60 * 60)", "a function or a signal beside a number"),
        ("count() count()", "Expected the end"),
        ("moving_mean(0, count())", "a whole number from 1 to 1000"),
        ("(" * 60 + "1" + ")" * 60, "nested deeper"),
        ("sum(a where b = 1e999)", "a number that a computer can hold"),
        ('count(model = "x")', "Unexpected"),
    ],
)
def test_wrong_value_is_refused_with_its_place(text: str, complaint: str) -> None:
    """The message says what was expected and where."""
    with pytest.raises(ExpressionInvalid, match=complaint.replace("(", r"\(").replace(")", r"\)")):
        parse_value(text)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("modle = 'x'", "Did you mean model"),
        ("model = 3", "holds a text"),
        ("duration_ms = 'slow'", "holds a number"),
        ("kind = 'lmm'", "never has that value"),
        ("status in ('error', 'failed')", "never has that value"),
        ("model", "not true or false"),
        ("cache_hit > true", "cannot be compared with >"),
        ("attributes = 'x'", r"written attributes\['some key'\]"),
        ("model['x'] = 'y'", "is written model"),
    ],
)
def test_condition_that_makes_no_sense_is_refused(text: str, complaint: str) -> None:
    """Unknown columns, mixed types and impossible values are found before any data is read."""
    with pytest.raises(ExpressionInvalid, match=complaint):
        check_condition(Source.SPANS, parse_condition(text))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("sum(model)", "needs a number"),
        ("increase(duration_ms)", "is for points"),
        ("last(duration_ms, sum)", "series of points"),
        ("topk(3, session_id)", "too many values"),
        ("histogram(hits, 1) / count()", "can only stand alone"),
        ("llm.requests + count()", "is no aggregate of spans"),
    ],
)
def test_value_that_makes_no_sense_is_refused(text: str, complaint: str) -> None:
    """A value is checked against the columns and the source it looks at."""
    with pytest.raises(ExpressionInvalid, match=complaint):
        check_value(Source.SPANS, parse_value(text))


def test_column_with_many_values_is_no_dimension() -> None:
    """A signal cannot be split by session: the answer would have as many series as sessions."""
    with pytest.raises(ExpressionInvalid, match="too many values"):
        check_dimension(Source.SPANS, "session_id")
