"""The parts of an analysis run in order, each with what it declares, and a failing one stops no other."""

from __future__ import annotations

import inspect

import pytest

from pitwall.evals.analysis.graph import Node, run_graph
from pitwall.evals.analysis.plan import NODES
from pitwall.evals.analysis.types import NodeStatus, NothingToSay, Output, RunData
from pitwall.kit.i18n import Text
from tests.support.analyses import make_data, make_metric

DATA = make_data(make_metric("faithfulness", [0.5, 0.9]))


def _first(_data: RunData) -> Output:
    return {"value": 1}


def _breaks(_data: RunData) -> Output:
    raise ZeroDivisionError("no cases")


def _silent(_data: RunData) -> Output:
    raise NothingToSay(Text("nothing", "없음"))


def _last(_data: RunData, *, first: Output | None, breaks: Output | None) -> Output:
    return {"first": first, "breaks": breaks}


def test_failing_part_is_named_and_the_others_go_on() -> None:
    """What failed has its error; who needed it is given None and still runs."""
    nodes = [
        Node("first", _first),
        Node("breaks", _breaks),
        Node("silent", _silent),
        Node("last", _last, ("first", "breaks")),
    ]
    found = run_graph(nodes, DATA)
    states = [node.status for node in found.nodes]
    assert states == [NodeStatus.COMPLETED, NodeStatus.FAILED, NodeStatus.SKIPPED, NodeStatus.COMPLETED]
    assert found.nodes[1].error == "ZeroDivisionError: no cases"
    assert found.output("last") == {"first": {"value": 1}, "breaks": None}
    assert all(node.duration_ms >= 0.0 for node in found.nodes)


def test_part_that_needs_a_later_one_is_refused() -> None:
    """The order of the list is the order of needs."""
    with pytest.raises(ValueError, match="needs first before it"):
        run_graph([Node("last", _last, ("first",)), Node("first", _first)], DATA)


@pytest.mark.parametrize("node", NODES, ids=lambda node: node.name)
def test_part_takes_exactly_what_it_declares(node: Node) -> None:
    """No part has another way to what a part says than its declared needs."""
    taken = list(inspect.signature(node.function).parameters.values())[1:]
    assert [one.name for one in taken] == list(node.needs)
    assert all(one.kind is inspect.Parameter.KEYWORD_ONLY for one in taken)


def test_every_part_is_done_or_says_why_on_the_smallest_run() -> None:
    """One case, no texts, no history: nothing fails."""
    found = run_graph(NODES, make_data(make_metric("faithfulness", [0.5])))
    assert not [node for node in found.nodes if node.status is NodeStatus.FAILED]
    assert all(node.why is not None for node in found.nodes if node.status is NodeStatus.SKIPPED)


def test_run_without_a_single_score_fails_no_part() -> None:
    """Errors everywhere are no numbers, and no crash."""
    found = run_graph(NODES, make_data(make_metric("faithfulness", [None] * 30)))
    assert not [node.error for node in found.nodes if node.status is NodeStatus.FAILED]
