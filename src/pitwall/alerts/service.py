"""Decisions about alert rules and alerts: what a project has, and who may change it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pitwall.access.types import Principal, require
from pitwall.alerts.errors import AlertNotFound, RuleChanged, RuleInvalid, RuleNotFound
from pitwall.alerts.pack_files import parse_rule
from pitwall.alerts.repository import Alerts
from pitwall.alerts.rulebook import RuleBook, RuleState
from pitwall.alerts.rules import Rule
from pitwall.alerts.rules_repository import Evaluated, Evaluations, StoredRule, StoredRules
from pitwall.alerts.types import Alert, AlertState, HistoryEntry
from pitwall.alerts.wire import text_view
from pitwall.core.errors import Conflict, InvalidInput
from pitwall.core.revisions import check_revision
from pitwall.core.vocabulary import Scope, Severity
from pitwall.kit.clock import Clock
from pitwall.kit.paging import InvalidCursor, Page, decode_cursor, encode_cursor
from pitwall.stores.state import AuditEntry, AuditLog, Projects, StateStore

MAX_RULES = 2_000
_NAME = re.compile(r"[a-z][a-z0-9_.-]{0,63}")
_CURSOR = "alerts.changed"


@dataclass(frozen=True, slots=True)
class RuleReport:
    """A rule as it is in force, how many of its alerts are in each state, and how its evaluation went."""

    state: RuleState
    counts: Mapping[AlertState, int]
    evaluated: Evaluated | None


@dataclass(frozen=True, slots=True)
class AlertQuery:
    """Which alerts to list; empty and None for all."""

    states: Collection[AlertState] = ()
    severity: Severity | None = None
    rule: str | None = None
    limit: int = 100
    cursor: str | None = None


class AlertService:
    """Looks at alerts and rules, and changes rules; calls block.

    Args:
        state: Keeps both.
        book: Knows what the packs bring and what can be asked for.
        clock: When something was saved.
        changed: Called after a rule was changed, to have it evaluated soon.
    """

    def __init__(
        self, state: StateStore, book: RuleBook, clock: Clock, *, changed: Callable[[], None] = lambda: None
    ) -> None:
        self.book = book
        self._changed = changed
        self._state = state
        self._clock = clock

    def list(self, project_id: str, query: AlertQuery) -> tuple[Page[Alert], dict[AlertState, int]]:
        """Return alerts, the last changed first, and how many there are in each state.

        Raises:
            InvalidInput: The cursor is of another list.
        """
        with self._state.session(read_only=True) as session:
            alerts = Alerts(session, project_id)
            found = alerts.list(
                states=query.states,
                severity=query.severity,
                rule=query.rule,
                limit=query.limit + 1,
                after=_read_cursor(query.cursor),
            )
            counts = alerts.counts()
        rows, has_more = found[: query.limit], len(found) > query.limit
        return Page(rows, _cursor(rows[-1]) if has_more else None), _totals(counts)

    def get(self, project_id: str, alert_id: str) -> tuple[Alert, Sequence[HistoryEntry]]:
        """Return one alert and what happened to it.

        Raises:
            AlertNotFound: The project has none of that id.
        """
        with self._state.session(read_only=True) as session:
            alerts = Alerts(session, project_id)
            alert = alerts.find(alert_id)
            if alert is None:
                raise AlertNotFound(f"There is no alert {alert_id!r}.", hint="See `pitwall alerts list`.")
            return alert, alerts.history(alert_id)

    def rule_errors(self, project_id: str) -> dict[str, str]:
        """Return why rules cannot be evaluated, by rule."""
        with self._state.session(read_only=True) as session:
            evaluated = Evaluations(session, project_id).by_rule()
        return {name: one.error for name, one in evaluated.items() if one.error is not None}

    def rules(self, project_id: str) -> Sequence[RuleReport]:
        """Return the rules of packs in their order, then the team's own by name."""
        with self._state.session(read_only=True) as session:
            states = self.book.states(StoredRules(session, project_id).all())
            counts = Alerts(session, project_id).counts()
            evaluated = Evaluations(session, project_id).by_rule()
        return [RuleReport(one, counts.get(one.name, {}), evaluated.get(one.name)) for one in states]

    def rule(self, project_id: str, name: str) -> RuleReport:
        """Return one rule.

        Raises:
            RuleNotFound: The project has none of that name.
        """
        if _NAME.fullmatch(name):
            with self._state.session(read_only=True) as session:
                stored = StoredRules(session, project_id).find(name)
                if stored is not None or name in self.book.packs:
                    counts = Alerts(session, project_id).counts()
                    evaluated = Evaluations(session, project_id).by_rule()
                    state = self.book.state(name, stored)
                    return RuleReport(state, counts.get(name, {}), evaluated.get(name))
        raise _not_found(name)

    def readable_rule(self, project_id: str, name: str) -> Rule:
        """Return one rule as it is written.

        Raises:
            RuleNotFound: The project has none of that name.
            RuleInvalid: What was saved is no rule any more.
        """
        rule = self.rule(project_id, name).state.rule
        if rule is None:
            raise RuleInvalid(
                f"What was saved of the alert rule {name!r} is no rule any more.",
                hint=f"Save it anew, or `pitwall alerts rule delete {name}`.",
            )
        return rule

    def parse(self, text: str) -> Rule:
        """Read a rule that somebody wrote as YAML; nothing is saved.

        Raises:
            RuleInvalid: It is none, with the line.
        """
        return parse_rule(text, self.book.catalogue)

    def save(self, rule: Rule, *, by: Principal, revision: str | None = None) -> RuleState:
        """Save a rule for the caller's project.

        Args:
            rule: What it is to be.
            by: Whose project, and who is named in the audit log.
            revision: The one that was edited; empty if the rule is to be new, None to replace whatever
                there is.

        Raises:
            NotPermitted: The caller may not act.
            RuleInvalid: It cannot be evaluated, as with an unknown signal.
            RuleChanged: Somebody else saved the rule in the meantime, or made one of that name.
            InvalidInput: The project has as many rules as it may.
        """
        require(by, Scope.ACT)
        stored = StoredRule(rule.name, rule.content, rule.is_enabled, self._clock.now(), by.actor)
        self._check(self.book.state(rule.name, stored))
        return self._store(stored, "alert_rule.saved", by=by, revision=revision)

    def enable(self, name: str, *, is_enabled: bool, by: Principal) -> RuleState:
        """Let a rule be evaluated, or not; nothing else about it changes.

        Raises:
            NotPermitted: The caller may not act.
            RuleNotFound: The project has none of that name.
        """
        require(by, Scope.ACT)
        before = self.rule(by.project_id, name).state
        content = None if before.stored is None else before.stored.content
        if content is not None:
            content = {key: value for key, value in content.items() if key != "enabled"}
            content |= {} if is_enabled else {"enabled": False}
        stored = StoredRule(name, content, is_enabled, self._clock.now(), by.actor)
        action = "alert_rule.enabled" if is_enabled else "alert_rule.disabled"
        return self._store(stored, action, by=by)

    def delete(self, name: str, *, by: Principal) -> RuleState | None:
        """Forget what the team saved; returns the pack's rule of that name, which is in force again.

        Raises:
            NotPermitted: The caller may not act.
            RuleNotFound: The project has no rule of that name.
            Conflict: It is a pack's rule that nobody changed.
        """
        require(by, Scope.ACT)
        if not _NAME.fullmatch(name):
            raise _not_found(name)
        with self._state.session() as session:
            found = StoredRules(session, by.project_id)
            if found.find(name, will_change=True) is None:
                raise self._nothing_to_delete(name)
            found.remove(name)
            AuditLog(session).record(self._audit("alert_rule.deleted", name, by, {}))
        self._changed()
        return self.book.state(name, None) if name in self.book.packs else None

    def _store(
        self, stored: StoredRule, action: str, *, by: Principal, revision: str | None = None
    ) -> RuleState:
        after = self.book.state(stored.name, stored)
        with self._state.session() as session:
            project = Projects(session).get(by.project_id)
            found = StoredRules(session, project.id)
            before = found.find(stored.name, will_change=True)
            self._check_revision(stored.name, before, revision)
            if before is not None:
                found.replace(stored)
            else:
                _check_room(found.count())
                found.add(stored)
            details = {"revision": after.revision, "is_enabled": stored.is_enabled}
            AuditLog(session).record(self._audit(action, stored.name, by, details))
        self._changed()
        return after

    @staticmethod
    def _check(state: RuleState) -> None:
        if not state.problems:
            return
        more = f" ({len(state.problems) - 1} more in details)" if len(state.problems) > 1 else ""
        raise RuleInvalid(
            f"{state.problems[0].text.en}{more}",
            hint="`pitwall signals list` names the signals, `pitwall signals show NAME` what splits one.",
            details={
                "problems": [{"where": one.where, "text": text_view(one.text)} for one in state.problems]
            },
        )

    def _check_revision(self, name: str, before: StoredRule | None, revision: str | None) -> None:
        exists = before is not None or name in self.book.packs
        current = self.book.state(name, before).revision if exists else ""
        saved_by = None if before is None else before.updated_by
        check_revision("alert rule", name, current, revision, saved_by=saved_by, error=RuleChanged)

    def _nothing_to_delete(self, name: str) -> RuleNotFound | Conflict:
        pack = self.book.packs.get(name)
        if pack is None:
            return _not_found(name)
        return Conflict(
            f"Alert rule {name!r} comes with the pack {pack.pack} and nobody changed it.",
            code="alert_rule.from_pack",
            hint=f"To silence it for good: `pitwall alerts disable {name}`.",
        )

    def _audit(self, action: str, name: str, by: Principal, details: Mapping[str, Any]) -> AuditEntry:
        return AuditEntry(
            at=self._clock.now(),
            actor=by.actor,
            action=action,
            object=f"alert_rule:{name}",
            project_id=by.project_id,
            details=details,
        )


def _totals(counts: Mapping[str, Mapping[AlertState, int]]) -> dict[AlertState, int]:
    totals = dict.fromkeys(AlertState, 0)
    for states in counts.values():
        for state, count in states.items():
            totals[state] += count
    return totals


def _cursor(alert: Alert) -> str:
    moment = alert.changed_at or alert.evaluated_at
    return encode_cursor(_CURSOR, moment.isoformat(), alert.id)


def _read_cursor(cursor: str | None) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    try:
        moment, id_ = decode_cursor(_CURSOR, cursor)
    except InvalidCursor as error:
        raise InvalidInput(f"{error}.", code="alert.bad_cursor") from error
    return datetime.fromisoformat(str(moment)), str(id_)


def _check_room(count: int) -> None:
    if count >= MAX_RULES:
        raise InvalidInput(
            f"A project has at most {MAX_RULES} alert rules of its own.",
            code="alert_rule.too_many",
            hint="Delete one that nobody needs: `pitwall alerts rule delete NAME`.",
        )


def _not_found(name: str) -> RuleNotFound:
    return RuleNotFound(f"There is no alert rule {name!r}.", hint="See `pitwall alerts rules`.")
