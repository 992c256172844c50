"""Running the parts of an analysis: in order, each given what it declares, a failing one passed by."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from pitwall.evals.analysis.types import Analysis, NodeResult, NodeStatus, NothingToSay, Output, RunData

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Node:
    """A part of an analysis.

    Attributes:
        function: Takes the data, and by name the output of each part that is needed, None if it has none.
        needs: The parts whose output it is given; they stand before it.
    """

    name: str
    function: Callable[..., Output]
    needs: tuple[str, ...] = ()


def run_graph(
    nodes: Sequence[Node], data: RunData, *, clock: Callable[[], float] = time.perf_counter
) -> Analysis:
    """Run every part once.

    Raises:
        ValueError: A part needs one that does not stand before it.
    """
    _check_order(nodes)
    began = clock()
    done: dict[str, NodeResult] = {}
    for node in nodes:
        done[node.name] = _run(node, data, {name: done[name].output for name in node.needs}, clock)
    return Analysis(data=data, nodes=tuple(done.values()), duration_ms=_since(began, clock))


def _check_order(nodes: Sequence[Node]) -> None:
    known = set[str]()
    for node in nodes:
        if node.name in known:
            raise ValueError(f"the part {node.name} is there twice")
        if missing := set(node.needs) - known:
            raise ValueError(f"the part {node.name} needs {', '.join(sorted(missing))} before it")
        known.add(node.name)


def _run(
    node: Node, data: RunData, needed: dict[str, Output | None], clock: Callable[[], float]
) -> NodeResult:
    began = clock()
    try:
        output = node.function(data, **needed)
    except NothingToSay as nothing:
        took = _since(began, clock)
        return NodeResult(name=node.name, status=NodeStatus.SKIPPED, duration_ms=took, why=nothing.why)
    except Exception as error:  # noqa: BLE001 a part is like a plugin: the others are worth having without it
        _log.exception("analysis.node_failed", node=node.name, run_id=data.run_id)
        said = f"{type(error).__name__}: {error}"
        return NodeResult(
            name=node.name, status=NodeStatus.FAILED, duration_ms=_since(began, clock), error=said
        )
    return NodeResult(
        name=node.name, status=NodeStatus.COMPLETED, duration_ms=_since(began, clock), output=output
    )


def _since(began: float, clock: Callable[[], float]) -> float:
    return round((clock() - began) * 1000.0, 3)
