"""The files of an analysis: the whole as JSON and Markdown, an index, and one file for each part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pitwall.kit.cli_output import to_json

DEFAULT_DIR: Final = Path("reports/analysis")
FINAL: Final = "final_output.json"
INDEX: Final = "index.json"


@dataclass(frozen=True, slots=True)
class Written:
    """Where an analysis was written to."""

    as_json: Path
    as_markdown: Path
    index: Path


def write_artifacts(analysis: Mapping[str, Any], report: Mapping[str, Any], folder: Path) -> Written:
    """Write `analysis_<RUN_ID>.json` and `.md`, and under `artifacts/analysis_<RUN_ID>/` every part.

    Args:
        report: The text (`markdown`), who wrote it (`by`), and why not another (`why`).
    """
    stem = f"analysis_{analysis['run']['id']}"
    parts = folder / "artifacts" / stem
    parts.mkdir(parents=True, exist_ok=True)
    nodes = [_write_node(node, parts) for node in analysis["nodes"]]
    final = {
        "run": analysis["run"],
        "texts": analysis["texts"],
        "report": dict(report),
        "nodes": _said(analysis),
    }
    _write(parts / FINAL, final)
    index = {
        "pipeline_id": analysis["pipeline_id"],
        "intent": analysis["intent"],
        "duration_ms": analysis["duration_ms"],
        "nodes": nodes,
        "final_output_path": FINAL,
    }
    _write(parts / INDEX, index)
    _write(folder / f"{stem}.json", {**analysis, "report": dict(report)})
    (folder / f"{stem}.md").write_text(report["markdown"], "utf-8")
    return Written(folder / f"{stem}.json", folder / f"{stem}.md", parts / INDEX)


def _write_node(node: Mapping[str, Any], parts: Path) -> dict[str, Any]:
    name = f"{node['node_id']}.json"
    _write(parts / name, dict(node))
    why = node["why"]
    return {
        "node_id": node["node_id"],
        "status": node["status"],
        "duration_ms": node["duration_ms"],
        "error": node["error"] or (None if why is None else why["en"]),
        "path": name,
    }


def _said(analysis: Mapping[str, Any]) -> dict[str, Any]:
    return {node["node_id"]: node["output"] for node in analysis["nodes"]}


def _write(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(to_json(content, indent=True) + "\n", "utf-8")
