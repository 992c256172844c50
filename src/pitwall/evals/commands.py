"""`pitwall eval`: the table of its verbs, each imported only when it is used."""

from __future__ import annotations

import click

from pitwall.kit.cli_lazy import LazyCommand, LazyGroup

VERBS = {
    "run": LazyCommand("pitwall.evals.runs.commands:run", "Judge a dataset by metrics."),
    "import": LazyCommand(
        "pitwall.evals.imports.commands:import_", "Import results of another tool as a run."
    ),
    "metrics": LazyCommand("pitwall.evals.metrics.commands:metrics", "List metrics, and what each one says."),
    "prompts": LazyCommand(
        "pitwall.evals.judging.commands:prompts", "See what judges are told, and write prompts of your own."
    ),
    "history": LazyCommand("pitwall.evals.runs.reading_commands:history", "List runs."),
    "show": LazyCommand("pitwall.evals.runs.reading_commands:show", "Show what came of a run."),
    "export": LazyCommand("pitwall.evals.runs.reading_commands:export", "Write a run to a file."),
    "compare": LazyCommand("pitwall.evals.comparison.commands:compare", "Compare two runs case by case."),
    "gate": LazyCommand("pitwall.evals.comparison.gate_commands:gate", "Judge whether a run may pass."),
    "regress": LazyCommand(
        "pitwall.evals.comparison.gate_commands:regress", "Judge whether a run is worse than its baseline."
    ),
    "ci": LazyCommand("pitwall.evals.comparison.gate_commands:ci", "Judge a run for a build."),
    "baseline": LazyCommand(
        "pitwall.evals.comparison.baseline_commands:baseline", "Keep runs to hold others against."
    ),
    "labels": LazyCommand("pitwall.evals.trust.commands:labels", "Keep what people say of cases."),
    "trust": LazyCommand("pitwall.evals.trust.commands:trust", "Hold the judge against labels of people."),
    "anchors": LazyCommand(
        "pitwall.evals.anchors.commands:anchors", "Tell when the judge moved, by answers that never change."
    ),
    "analyze": LazyCommand("pitwall.evals.analysis.commands:analyze", "Find where a run is weak."),
    "online": LazyCommand("pitwall.evals.online.commands:online", "Score a sample of live traces by rules."),
    "missed": LazyCommand(
        "pitwall.evals.missed.commands:missed", "List questions that were not answered well."
    ),
    "track": LazyCommand("pitwall.evals.trackers.commands:track", "Send a run to trackers."),
    "cancel": LazyCommand("pitwall.evals.runs.reading_commands:cancel", "End a run."),
}


@click.group("eval", cls=LazyGroup, lazy_commands=VERBS)
def eval_() -> None:
    """Judge answers by metrics, and see what came of it.

    \b
    Example:
      pitwall eval run questions.json --metrics faithfulness --profile dev
      pitwall eval history
    """
