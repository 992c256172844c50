"""Reading runs for comparisons, once for as long as they are looked at."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import Connection

from pitwall.evals.comparison.repository import CaseReader
from pitwall.evals.comparison.types import CompareOptions, RunColumns
from pitwall.evals.runs.repository import Runs
from pitwall.evals.runs.types import EvalRun

_RUNS_KEPT: Final = 8
_VERSIONS_KEPT: Final = 4
Value = TypeVar("Value")


class _Recent(Generic[Value]):
    """The values that were used last."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._lock = threading.Lock()
        self._values: OrderedDict[Hashable, Value] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return the value of a key, made if it is not there."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = make()
        with self._lock:
            self._values[key] = value
            while len(self._values) > self._capacity:
                self._values.popitem(last=False)
        return value


class Kept:
    """What was read of runs that are over and of dataset versions, neither of which changes."""

    def __init__(self) -> None:
        self.runs: _Recent[RunColumns] = _Recent(_RUNS_KEPT)
        self.cases: _Recent[Mapping[str, Any]] = _Recent(_VERSIONS_KEPT)


class Reading:
    """What one request reads, within its transaction."""

    def __init__(
        self,
        session: Connection,
        project_id: str,
        kept: Kept,
    ) -> None:
        self._found = Runs(session, project_id)
        self._session = session
        self._reader = CaseReader(session, project_id)
        self._project_id = project_id
        self._kept = kept

    def run(self, run_id: str) -> EvalRun:
        """A run, also by the beginning of its id.

        Raises:
            RunNotFound: The project has no such run.
        """
        return self._found.get(run_id)

    def columns(self, run: EvalRun, names: Sequence[str]) -> RunColumns:
        """The columns of a run, with the groups of its cases."""

        from pitwall.evals.comparison.score_columns import ScoreReader  # numpy: a server starts without it

        def read() -> RunColumns:
            return replace(ScoreReader(self._session).run(run, names), groups=self._groups(run))

        if not run.state.is_over:
            return read()
        # One that goes on later ends at another time.
        key = (self._project_id, run.id, run.state, run.finished_at, tuple(names))
        return self._kept.runs.get(key, read)

    def pair(self, a_id: str, b_id: str, options: CompareOptions) -> tuple[RunColumns, RunColumns]:
        """Two runs, and where their datasets differ, what each case asks."""
        a, b = self.run(a_id), self.run(b_id)
        left, right = self.columns(a, options.metrics), self.columns(b, options.metrics)
        if a.dataset_hash == b.dataset_hash or a.dataset_version_id is None or b.dataset_version_id is None:
            return left, right
        return replace(left, asked=self._asked(a)), replace(right, asked=self._asked(b))

    def facts(self, run: EvalRun) -> Mapping[str, Mapping[str, str]]:
        """What the cases of a run can be split by; nothing if its dataset is not stored."""
        from pitwall.evals.comparison.slices import facts_of

        version = run.dataset_version_id
        if version is None:
            return {}
        return self._kept.cases.get(
            ("facts", self._project_id, version),
            lambda: {example.id: facts_of(example) for example in self._reader.examples(version)},
        )

    def _asked(self, run: EvalRun) -> Mapping[str, str] | None:
        """What the cases of a run ask; None for a version that was deleted."""
        version = run.dataset_version_id
        assert version is not None
        found = self._kept.cases.get(
            ("asked", self._project_id, version), lambda: self._reader.asked(version)
        )
        return found or None

    def _groups(self, run: EvalRun) -> Mapping[str, str]:
        version = run.dataset_version_id
        if version is None or not self._reader.has_groups(version):
            return {}
        return self._kept.cases.get(
            ("groups", self._project_id, version), lambda: self._reader.groups(version)
        )
