"""The parts of an analysis and what each needs; which numbers say what is up to them."""

from __future__ import annotations

from typing import Final

from pitwall.evals.analysis.graph import Node
from pitwall.evals.analysis.nodes.associations import associations
from pitwall.evals.analysis.nodes.diagnostic import diagnostic
from pitwall.evals.analysis.nodes.failure_clusters import failure_clusters
from pitwall.evals.analysis.nodes.keywords import keywords
from pitwall.evals.analysis.nodes.low_cases import low_cases
from pitwall.evals.analysis.nodes.multiturn import multiturn
from pitwall.evals.analysis.nodes.priority import priority
from pitwall.evals.analysis.nodes.question_types import question_types
from pitwall.evals.analysis.nodes.retrieval import retrieval
from pitwall.evals.analysis.nodes.slices import slices
from pitwall.evals.analysis.nodes.statistics import statistics
from pitwall.evals.analysis.nodes.trend import trend

NODES: Final = (
    Node("statistics", statistics),
    Node("low_cases", low_cases),
    Node("retrieval", retrieval),
    Node("diagnostic", diagnostic, ("statistics", "retrieval")),
    Node("question_types", question_types),
    Node("keywords", keywords),
    Node("slices", slices),
    Node("failure_clusters", failure_clusters),
    Node("associations", associations),
    Node("priority", priority, ("failure_clusters",)),
    Node("trend", trend),
    Node("multiturn", multiturn),
)
