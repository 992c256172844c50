"""Alerts walk the tree as Alertmanager's do, and what is written comes back as it was."""

from __future__ import annotations

import pytest

from pitwall.notifications.errors import RoutesInvalid
from pitwall.notifications.reading import parse_routing
from pitwall.notifications.routing import find_ways
from pitwall.notifications.wire import routing_yaml

TREE = """
route:
  receivers: [ops]
  group_by: [rule, service]
  repeat_interval: 1h
  routes:
    - matchers: ['severity="critical"']
      receivers: [pager]
      group_wait: 0s
      continue: true
    - matchers: [team=shop]
      receivers: [shop]
      language: ko
      routes:
        - matchers: [env!=prod]
          receivers: []
    - matchers: [team=bank]
      receivers: [bank]
inhibit:
  - source: [rule=database]
    target: [severity=warning]
    equal: [service]
"""
CHANNELS = ("ops", "pager", "shop", "bank")


@pytest.mark.parametrize(
    ("labels", "receivers"),
    [
        ({}, [("ops",)]),
        ({"severity": "critical"}, [("pager",)]),
        ({"severity": "critical", "team": "shop", "env": "prod"}, [("pager",), ("shop",)]),
        ({"team": "shop", "env": "dev"}, [()]),
        ({"team": "bank"}, [("bank",)]),
    ],
)
def test_way_of_an_alert(labels: dict[str, str], receivers: list[tuple[str, ...]]) -> None:
    """The deepest node; beside one that is passed on, the next one as well; else the root."""
    root = parse_routing(TREE, CHANNELS).root
    assert root is not None
    assert [way.receivers for way in find_ways(root, labels)] == receivers


def test_node_inherits_what_it_does_not_say() -> None:
    """Grouping and timers come from above, language as well."""
    root = parse_routing(TREE, CHANNELS).root
    assert root is not None
    (way,) = find_ways(root, {"team": "shop", "env": "dev"})
    assert (way.group_by, way.repeat_interval.total_seconds(), way.language) == (
        ("rule", "service"),
        3600,
        "ko",
    )
    assert way.path == '/team="shop"/env!="prod"'


def test_tree_comes_back_as_it_was_written() -> None:
    """YAML to tree to YAML to tree."""
    routing = parse_routing(TREE, CHANNELS)
    assert parse_routing(routing_yaml(routing), CHANNELS) == routing


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("route:\n  receivers: [nobody]\n", 2, "there is no channel 'nobody'"),
        ("route:\n  receivers: [ops]\n  matchers: [a=b]\n", 3, "the root takes what nothing else takes"),
        ("route:\n  group_wait: 1s\n", 2, "receivers"),
        ("route:\n  receivers: [ops]\n  group_wait: soon\n", 3, "no length of time"),
        ("route:\n  receivers: [ops]\n  routes:\n    - matchers: ['a=~(']\n", 4, "cannot be read"),
        ("route:\n  receivers: [ops]\n  receiver: ops\n", 3, "Extra inputs"),
        ("route:\n  receivers: [ops]\n  repeat_interval: 0s\n", 2, "at least 1s"),
        ("route: [\n", 2, "not valid YAML"),
        ("just a text", 1, "no mapping"),
    ],
)
def test_wrong_tree_is_told_with_its_line(text: str, line: int, says: str) -> None:
    """Every problem, with the place."""
    with pytest.raises(RoutesInvalid) as caught:
        parse_routing(text, CHANNELS)
    assert caught.value.details["line"] == line
    assert says in str(caught.value)
