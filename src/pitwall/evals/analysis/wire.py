"""The written form of an analysis: the same in the state store, in the API, in files and for reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pitwall.evals.analysis.types import Analysis, NodeResult

VERSION: Final = 2
"""Grows whenever the same run may get another analysis; those that are kept are then made anew."""

INTENT: Final = "analyze_run"
Json = dict[str, Any]


def analysis_json(analysis: Analysis) -> Json:
    """An analysis as JSON."""
    data = analysis.data
    return {
        "pipeline_id": f"analysis_{data.run_id}",
        "intent": INTENT,
        "version": VERSION,
        "run": {
            "id": data.run_id,
            "name": data.name,
            "dataset": data.dataset,
            "dataset_hash": data.dataset_hash,
            "judge": data.judge,
            "cases": len(data.cases),
        },
        "texts": {"cases": len(data.cases), "examined": len(data.texts), "cut": data.cut_texts},
        "duration_ms": analysis.duration_ms,
        "nodes": [_node(node) for node in analysis.nodes],
    }


def _node(node: NodeResult) -> Json:
    return {
        "node_id": node.name,
        "status": node.status.value,
        "duration_ms": node.duration_ms,
        "error": node.error,
        "why": None if node.why is None else {"en": node.why.en, "ko": node.why.ko},
        "output": node.output,
    }


def outputs(analysis: Mapping[str, Any]) -> dict[str, Any]:
    """What the parts of a written analysis say, by name; parts that say nothing are missing."""
    return {node["node_id"]: node["output"] for node in analysis["nodes"] if node["output"] is not None}
