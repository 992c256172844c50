"""Asking for a run to be sent, sending it, and telling how that went: a tracker never fails a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import structlog

from pitwall.access.types import Principal, require
from pitwall.core.errors import PitwallError
from pitwall.core.vocabulary import Scope
from pitwall.evals.runs.journal import make_holder
from pitwall.evals.runs.reading import RunReader
from pitwall.evals.runs.repository import Runs
from pitwall.evals.runs.types import EvalRun, Where
from pitwall.evals.trackers.errors import AlreadySending, RunNotOver, TrackerFailed
from pitwall.evals.trackers.opening import check_configured, open_tracker
from pitwall.evals.trackers.repository import READY, TrackerLinks, came_to, is_on_its_way
from pitwall.evals.trackers.types import LinkState, Report, TrackerLink, TrackerName
from pitwall.kit.clock import Clock
from pitwall.settings.tracker_groups import TrackersSettings
from pitwall.stores.state import AuditEntry, AuditLog, StateStore

log = structlog.get_logger(__name__)

_AT_ONCE: Final = 20
Tell = Callable[[TrackerLink, Report], None]


class Stopped(Exception):
    """This process ends; whoever comes next sends."""


def tell_nobody(_link: TrackerLink, _report: Report) -> None:
    """Tell nobody how far it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trackers:
    """Sends runs of all projects to trackers; calls block."""

    state: StateStore
    clock: Clock
    reader: RunReader
    settings: TrackersSettings

    def check(self, names: Sequence[TrackerName]) -> None:
        """Refuse trackers that the settings do not know, before a run begins.

        Raises:
            TrackerNotConfigured: A setting is missing.
        """
        check_configured(self.settings, names)

    def ask(
        self, run: EvalRun, names: Sequence[TrackerName], where: Where, *, by: Principal
    ) -> list[TrackerLink]:
        """Let a run be sent, as soon as it is over; sending again makes nothing double.

        Raises:
            NotPermitted: The caller may not act.
            TrackerNotConfigured: A setting is missing.
            AlreadySending: It is under way.
        """
        require(by, Scope.ACT)
        self.check(names)
        now = self.clock.now()
        with self.state.session() as session:
            links = TrackerLinks(session)
            known = {link.tracker: link for link in links.of_run(run.id)}
            asked = [_asked(run, name, known.get(name), where, by) for name in dict.fromkeys(names)]
            for link in asked:
                before = known.get(link.tracker)
                if before is not None and is_on_its_way(before, now):
                    raise AlreadySending(
                        f"The run {run.id} is being sent to {link.tracker.value}.",
                        hint=f"See how far it is with `pitwall eval show {run.id}`.",
                    )
            links.put([replace(link, asked_at=now) for link in asked])
            if asked:
                self._audit(AuditLog(session), run, names, by)
            return links.of_run(run.id)

    def ask_again(
        self, run: EvalRun, names: Sequence[TrackerName], where: Where, *, by: Principal
    ) -> list[TrackerLink]:
        """Let a run that is over be sent.

        Raises:
            RunNotOver: It is not.
            TrackerNotConfigured: A setting is missing.
            AlreadySending: It is under way.
        """
        if not run.seen_at(self.clock.now()).is_over:
            raise RunNotOver(
                f"The run {run.id} is {run.state.value}; it can be sent once it is over.",
                hint=f"Watch it with `pitwall eval show {run.id}`.",
            )
        return self.ask(run, names, where, by=by)

    def links(self, run: EvalRun) -> list[TrackerLink]:
        """Return the links of a run."""
        with self.state.session(read_only=True) as session:
            return TrackerLinks(session).seen_at(run.id, self.clock.now())

    def due(self, where: Where) -> list[TrackerLink]:
        """Return what is to be sent by itself."""
        with self.state.session(read_only=True) as session:
            return TrackerLinks(session).due(where, self.clock.now(), limit=_AT_ONCE)

    def send_run(self, run: EvalRun, tell: Tell = tell_nobody) -> list[TrackerLink]:
        """Send a run that has just ended to all that it was to be sent to; nothing if it did not finish."""
        if run.state not in READY:
            return self.links(run)
        with self.state.session(read_only=True) as session:
            stored = TrackerLinks(session).of_run(run.id)
        return [self.send(link, tell) for link in stored]

    def send(self, link: TrackerLink, tell: Tell = tell_nobody) -> TrackerLink:
        """Send a run to a tracker; whatever goes wrong there is in the link.

        Raises:
            Stopped: `tell` said so; the link waits again.
        """
        with self.state.session() as session:
            claimed = TrackerLinks(session).claim(link, make_holder(), self.clock.now())
            if claimed is None:
                return link
            run = Runs(session, link.project_id).get(link.run_id)
        report = Report()
        try:
            self._send(run, claimed, report, tell)
            reason = _partly(report)
        except (Stopped, KeyboardInterrupt):
            self._note(replace(claimed, state=LinkState.WAITING))
            raise
        except (TrackerFailed, PitwallError) as error:
            reason = str(error)
        except Exception as error:  # whatever a tracker makes of it: the run and its scores count more
            log.exception("eval_run.tracker_failed", run_id=run.id, tracker=link.tracker.value)
            reason = f"Unexpected {type(error).__name__}; the log of Pitwall has more."
        return self._end(claimed, report, reason)

    def _send(self, run: EvalRun, link: TrackerLink, report: Report, tell: Tell) -> None:
        from pitwall.evals.trackers.outgoing import Packer  # only for runs that are sent
        from pitwall.evals.trackers.sanitising import Sanitiser
        from pitwall.evals.trackers.sending import send_run

        settings = self.settings
        packer = Packer(run, Sanitiser(settings.max_characters, settings.max_context_characters))
        cases = map(packer.outgoing_case, self.reader.all_cases(run, with_content=True))
        with open_tracker(link.tracker, settings) as tracker:
            send_run(tracker, packer.outgoing_run(), cases, report, lambda so_far: tell(link, so_far))

    def _end(self, link: TrackerLink, report: Report, reason: str | None) -> TrackerLink:
        state = LinkState.SENT
        if reason is not None:
            state = LinkState.PARTLY if report.cases_sent else LinkState.FAILED
        tell = log.info if reason is None else log.warning
        tell("eval_run.tracked", run_id=link.run_id, tracker=link.tracker.value, state=state.value)
        sent_at = self.clock.now() if report.cases_sent else link.sent_at
        ended = came_to(link, report, state, reason=reason, sent_at=sent_at)
        self._note(ended)
        return ended

    def _note(self, link: TrackerLink) -> None:
        with self.state.session() as session:
            TrackerLinks(session).note(link)

    def _audit(self, audit: AuditLog, run: EvalRun, names: Sequence[TrackerName], by: Principal) -> None:
        audit.record(
            AuditEntry(
                at=self.clock.now(),
                actor=by.actor,
                action="eval_run.tracked",
                object=f"eval_run:{run.id}",
                project_id=run.project_id,
                details={"trackers": [name.value for name in names]},
            )
        )


def _asked(
    run: EvalRun, name: TrackerName, before: TrackerLink | None, where: Where, by: Principal
) -> TrackerLink:
    """A link that waits; what was sent before stays known until the next sending."""
    if before is not None:
        return replace(
            before, state=LinkState.WAITING, where=where, asked_by=by.actor, holder=None, reason=None
        )
    return TrackerLink(
        run_id=run.id,
        project_id=run.project_id,
        tracker=name,
        where=where,
        state=LinkState.WAITING,
        asked_at=run.created_at,
        asked_by=by.actor,
    )


def _partly(report: Report) -> str | None:
    """What of a run did not arrive though the tracker took the rest."""
    if not report.refused:
        return None
    return f"{report.refused} cases or scores were refused. The first: {report.refusal}"
