"""Which probes a project has: those of packs and files, changed or not, and its own; and running one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from pitwall.access.types import Principal, require
from pitwall.core.errors import InvalidInput, PitwallError
from pitwall.core.vocabulary import Scope
from pitwall.kit.clock import Clock
from pitwall.probes.errors import ProbeFromPack, ProbeNotFound
from pitwall.probes.history import after
from pitwall.probes.recording import ResultRecorder
from pitwall.probes.repository import StoredProbes, all_probes, changed_at
from pitwall.probes.running import Runner
from pitwall.probes.types import PackProbe, Probe, ProbeState, Result, probe_view
from pitwall.signals.service import Signals
from pitwall.signals.types import SignalQuery
from pitwall.stores.state import AuditEntry, AuditLog, Projects, StateStore

log = structlog.get_logger(__name__)

MAX_PROBES = 200
UPTIME = "probe.uptime"
UPTIME_RANGES = {"24h": timedelta(hours=24), "7d": timedelta(days=7)}

Uptimes = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class ProbeParts:
    """What probes work with.

    Attributes:
        state: Keeps what teams save and what probes found.
        packs: What packs and files bring.
        runner: Asks.
        recorder: Makes points of results.
        signals: Tells uptimes.
    """

    state: StateStore
    packs: Sequence[PackProbe]
    runner: Runner
    recorder: ResultRecorder
    signals: Signals
    clock: Clock


class Probes:
    """Looks at probes, changes and runs them; calls block.

    Args:
        parts: What it works with.
    """

    def __init__(self, parts: ProbeParts) -> None:
        self._parts = parts

    def get(self, project_id: str, name: str) -> ProbeState:
        """Return one probe.

        Raises:
            ProbeNotFound: The project has none of that name.
        """
        with self._parts.state.session(read_only=True) as session:
            return self._state_of(session, project_id, name)

    def uptimes(self, project_id: str) -> dict[str, Uptimes]:
        """Return the uptime of every probe, by name and range; the same number as the signal's."""
        now = self._parts.clock.now()
        found: dict[str, dict[str, float | None]] = {}
        for label, length in UPTIME_RANGES.items():
            query = SignalQuery(UPTIME, project_id, now - length, now, by=("probe",))
            for series in self._parts.signals.query(query).series:
                found.setdefault(series.labels["probe"], {})[label] = series.values[0]
        return {**found}

    def save(self, probe: Probe, *, by: Principal) -> ProbeState:
        """Save a probe for the caller's project, instead of a pack's of the same name too.

        Raises:
            NotPermitted: The caller may not act, or the host may not be called.
            InvalidInput: The project has as many probes as it may.
        """
        require(by, Scope.ACT)
        self._parts.runner.check(probe)
        now = self._parts.clock.now()
        with self._parts.state.session() as session:
            project = Projects(session).get(by.project_id)
            found = StoredProbes(session, project.id)
            if found.find(probe.name) is None and found.count() >= MAX_PROBES:
                raise _too_many()
            found.save(probe, at=now, by=by.actor)
            AuditLog(session).record(_audit("probe.saved", probe, by, now))
            return self._state_of(session, by.project_id, probe.name)

    def delete(self, name: str, *, by: Principal) -> ProbeState | None:
        """Forget what the team saved; returns the pack's probe of that name, which is in force again.

        Raises:
            NotPermitted: The caller may not act.
            ProbeNotFound: The project has no probe of that name.
            ProbeFromPack: It is a pack's that nobody changed.
        """
        require(by, Scope.ACT)
        now = self._parts.clock.now()
        with self._parts.state.session() as session:
            before = self._state_of(session, by.project_id, name)
            if not before.is_stored:
                raise ProbeFromPack(
                    f"Probe {name!r} comes with {before.pack}.",
                    hint="Save it with is_enabled: false to turn it off.",
                )
            StoredProbes(session, by.project_id).remove(name)
            AuditLog(session).record(_audit("probe.deleted", before.probe, by, now))
            return None if before.pack is None else self._state_of(session, by.project_id, name)

    def run(self, project_id: str, name: str) -> ProbeState:
        """Run a probe now, record what it finds, and return it.

        Raises:
            ProbeNotFound: The project has no probe of that name.
        """
        probe = self.get(project_id, name).probe
        self.run_probe(project_id, probe)
        return self.get(project_id, name)

    def run_probe(self, project_id: str, probe: Probe) -> Result:
        """Run a probe and record what it found; what cannot be recorded is logged."""
        outcome = self._parts.runner.run(project_id, probe)
        result = Result(self._parts.clock.now(), outcome)
        self._parts.recorder.record(project_id, probe, result)
        try:
            with self._parts.state.session() as session:
                found = StoredProbes(session, project_id)
                found.save_record(probe.name, after(found.record(probe.name), result))
        except PitwallError as error:
            log.warning("probe.result_not_kept", probe=probe.name, error=str(error))
        return result

    def in_force(self) -> list[tuple[str, Probe]]:
        """Return the enabled probes of all projects, with their projects."""
        with self._parts.state.session(read_only=True) as session:
            stored = all_probes(session)
        found = {(one.project_id, one.probe.name): one.probe for one in self._parts.packs}
        found |= {(project_id, probe.name): probe for project_id, probe in stored}
        return [(project_id, probe) for (project_id, _), probe in found.items() if probe.is_enabled]

    def revision(self) -> object:
        """Return something that changes whenever `in_force` may."""
        with self._parts.state.session(read_only=True) as session:
            return changed_at(session)

    def list(self, project_id: str) -> list[ProbeState]:
        """Return the probes of a project by name."""
        with self._parts.state.session(read_only=True) as session:
            found = StoredProbes(session, project_id)
            stored = {probe.name: probe for probe in found.list()}
            records = found.records()
        packs = self._of_packs(project_id)
        names = sorted({*packs, *stored})
        return [
            ProbeState(
                stored.get(name) or packs[name].probe,
                packs[name].pack if name in packs else None,
                name in stored,
                records.get(name),
            )
            for name in names
        ]

    def _of_packs(self, project_id: str) -> dict[str, PackProbe]:
        return {one.probe.name: one for one in self._parts.packs if one.project_id == project_id}

    def _state_of(self, session: Connection, project_id: str, name: str) -> ProbeState:
        found = StoredProbes(session, project_id)
        stored, pack = found.find(name), self._of_packs(project_id).get(name)
        probe = stored if pack is None else stored or pack.probe
        if probe is None:
            raise ProbeNotFound(f"There is no probe {name!r}.", hint="See `pitwall probes list`.")
        origin = None if pack is None else pack.pack
        return ProbeState(probe, origin, stored is not None, found.record(name))


def _audit(action: str, probe: Probe, by: Principal, now: datetime) -> AuditEntry:
    return AuditEntry(
        at=now,
        actor=by.actor,
        action=action,
        object=f"probe:{probe.name}",
        project_id=by.project_id,
        details=probe_view(probe),
    )


def _too_many() -> InvalidInput:
    return InvalidInput(
        f"A project has at most {MAX_PROBES} probes of its own.",
        code="probe.too_many",
        hint="Delete one that nobody needs: `pitwall probes remove NAME`.",
    )
