"""Conditions on labels are Alertmanager's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.notifications.errors import MatcherInvalid
from pitwall.notifications.matchers import Matcher, Operator, parse_matcher


@pytest.mark.parametrize(
    ("written", "labels", "is_met"),
    [
        ('severity="critical"', {"severity": "critical"}, True),
        ("severity = critical", {"severity": "warning"}, False),
        ('model=~"gpt-.*"', {"model": "gpt-4o"}, True),
        ('model=~"gpt"', {"model": "gpt-4o"}, False),
        ('team!~"test|demo"', {"team": "shop"}, True),
        ('team!="shop"', {}, True),
        ('team=""', {}, True),
        ('team=~".+"', {}, False),
        ('service="말풍선 \\"팀\\""', {"service": '말풍선 "팀"'}, True),
    ],
)
def test_condition(written: str, labels: dict[str, str], is_met: bool) -> None:
    """A pattern has to match the whole value; a label that is missing is empty."""
    assert parse_matcher(written).matches(labels) is is_met


@pytest.mark.parametrize("written", ["", "severity", "=x", "1a=b", 'a="b', "a=~(", "a=~" + "x" * 600])
def test_what_is_no_condition_is_refused(written: str) -> None:
    """With the text and how it is written."""
    with pytest.raises(MatcherInvalid):
        parse_matcher(written)


@given(
    st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,20}", fullmatch=True),
    st.sampled_from([Operator.EQUAL, Operator.NOT_EQUAL]),
    st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=50),
)
def test_condition_is_read_as_it_is_written(label: str, operator: Operator, value: str) -> None:
    """Quotes and backslashes in values survive."""
    matcher = Matcher(label, operator, value)
    assert parse_matcher(str(matcher)) == matcher
