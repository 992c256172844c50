"""What a process at work on a run writes down, as long as it holds the run."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pitwall.evals.runs.errors import RunLost
from pitwall.evals.runs.repository import Runs
from pitwall.evals.runs.types import EvalRun, Progress, RunState, RunSummary, ScoreColumns, StoredScore
from pitwall.kit.clock import Clock
from pitwall.kit.ids import new_id
from pitwall.stores.state import StateStore

StoredAnswer = tuple[int, str, Mapping[str, Any]]
"""Position, id of the example, content."""


class RunCancelled(RunLost):
    """Somebody cancelled the run."""

    default_code = "eval_run.cancelled"


def make_holder() -> str:
    """Return a name for this process that no other one has: host, process, something of its own."""
    return f"{socket.gethostname()}:{os.getpid()}:{new_id()}"


def is_known_dead(holder: str | None) -> bool:
    """Tell whether a holder was a process of this host that is no more; False if nobody can tell."""
    host, _, rest = (holder or "").partition(":")
    process = rest.partition(":")[0]
    if host != socket.gethostname() or not process.isdecimal():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


@dataclass(frozen=True, slots=True)
class Journal:
    """Writes what came of a run; calls block and may come from any thread."""

    state: StateStore
    clock: Clock
    project_id: str
    run_id: str
    holder: str

    def write(self, scores: Sequence[StoredScore], answers: Sequence[StoredAnswer]) -> None:
        """Keep scores and answers.

        Raises:
            RunLost: Another process went on with the run, or it was cancelled.
        """
        with self.state.session() as session:
            runs = Runs(session, self.project_id)
            if not runs.is_held(self.run_id, self.holder):
                raise self._lost(runs)
            runs.add_answers(self.run_id, answers)
            runs.add_scores(self.run_id, scores)

    def beat(self, progress: Progress) -> None:
        """Say that the run goes on.

        Raises:
            RunLost: Another process went on with the run, or it was cancelled.
        """
        with self.state.session() as session:
            runs = Runs(session, self.project_id)
            if not runs.beat(self.run_id, self.holder, self.clock.now(), progress):
                raise self._lost(runs)

    def end(
        self,
        state: RunState,
        progress: Progress,
        summary: RunSummary | None,
        *,
        stop_reason: str | None = None,
        error: str | None = None,
    ) -> None:
        """Note what came of the run.

        Raises:
            RunLost: Another process went on with the run, or it was cancelled.
        """
        with self.state.session() as session:
            runs = Runs(session, self.project_id)
            if not runs.end(
                self.run_id,
                self.holder,
                self.clock.now(),
                state=state,
                progress=progress,
                summary=summary,
                stop_reason=stop_reason,
                error=error,
            ):
                raise self._lost(runs)

    def settled(self) -> dict[tuple[str, int], bytearray]:
        """Return what needs no further judging: by metric and repetition a byte for each position."""
        found: dict[tuple[str, int], bytearray] = {}
        with self.state.session(read_only=True) as session:
            for metric, sample, position in Runs(session, self.project_id).settled(self.run_id):
                marks = found.setdefault((metric, sample), bytearray())
                marks.extend(bytes(max(0, position + 1 - len(marks))))
                marks[position] = 1
        return found

    def answers(self, positions: Sequence[int]) -> dict[int, Mapping[str, Any]]:
        """Return answers of a target that are kept."""
        with self.state.session(read_only=True) as session:
            return Runs(session, self.project_id).answers(self.run_id, positions)

    def columns(self, metrics: Sequence[str]) -> dict[str, ScoreColumns]:
        """Return the scores of metrics as columns."""
        with self.state.session(read_only=True) as session:
            runs = Runs(session, self.project_id)
            return {metric: runs.scores(self.run_id, metric) for metric in metrics}

    def run(self) -> EvalRun:
        """Return the run as it is kept."""
        with self.state.session(read_only=True) as session:
            return Runs(session, self.project_id).get(self.run_id)

    def _lost(self, runs: Runs) -> RunLost:
        run = runs.get(self.run_id)
        if run.state is RunState.CANCELLED:
            return RunCancelled(
                f"The run {run.id} was cancelled.",
                hint=f"`pitwall eval run --resume {run.id}` goes on with it.",
            )
        return RunLost(
            f"Another process went on with the run {run.id}, because this one had been silent for too long.",
            hint=f"Watch it with `pitwall eval show {run.id}`.",
        )
