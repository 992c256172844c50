"""All SQL about rules that score live traces and about the traces that they chose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, func, insert, select, update

from pitwall.evals.online.types import (
    Arrival,
    Judged,
    OnlineRule,
    Result,
    RuleDay,
    Scoring,
    ScoringState,
    content_view,
    read_content,
)
from pitwall.evals.types import ScoreStatus
from pitwall.llm.calls import from_pico
from pitwall.stores.state.tables import llm_calls, online_rules, online_scorings
from pitwall.stores.state.upserts import insert_new

_AT_ONCE = 500
_PACK = "pack"
"""Which pack brings a rule, kept beside what the rule says."""
_NOT_DONE = (ScoringState.WAITING.value, ScoringState.CLAIMED.value)


def calls_run_id(rule_id: str, day: str) -> str:
    """What the calls of a rule's day are kept under."""
    return f"online_{rule_id}_{day}"


class OnlineRules:
    """Rules of one project, within the caller's transaction."""

    def __init__(self, connection: Connection, project_id: str) -> None:
        self._connection = connection
        self._project_id = project_id

    def all(self) -> Sequence[OnlineRule]:
        """Return all of them by name."""
        mine = online_rules.c.project_id == self._project_id
        query = select(online_rules).where(mine).order_by(online_rules.c.name)
        return [_rule(row) for row in self._connection.execute(query).mappings()]

    def find(self, name: str, *, will_change: bool = False) -> OnlineRule | None:
        """Return one, or None; `will_change` keeps others from changing it until the transaction ends."""
        query = select(online_rules).where(self._is(name))
        row = self._connection.execute(query.with_for_update() if will_change else query).mappings().first()
        return None if row is None else _rule(row)

    def save(self, rule: OnlineRule) -> None:
        """Keep a new rule, or what changed of one; where it has got to stays."""
        changing = {
            "content": {**content_view(rule.content), _PACK: rule.pack},
            "is_enabled": rule.is_enabled,
            "begins_ms": rule.begins_ms,
            "position_ms": rule.position_ms,
            "updated_at": rule.updated_at,
            "updated_by": rule.updated_by,
            "error": rule.error,
            "error_at": rule.error_at,
        }
        done = self._connection.execute(
            update(online_rules).where(online_rules.c.id == rule.id).values(**changing)
        )
        if not done.rowcount:
            key = {"id": rule.id, "project_id": rule.project_id, "name": rule.name}
            self._connection.execute(insert(online_rules).values(**key, **changing))

    def remove(self, rule_id: str) -> None:
        """Forget a rule and the traces that it chose; scores stay."""
        self._connection.execute(delete(online_scorings).where(online_scorings.c.rule_id == rule_id))
        self._connection.execute(delete(online_rules).where(online_rules.c.id == rule_id))

    def _is(self, name: str) -> ColumnElement[bool]:
        return and_(online_rules.c.project_id == self._project_id, online_rules.c.name == name)


def all_rules(connection: Connection) -> Sequence[OnlineRule]:
    """Return the rules of all projects."""
    query = select(online_rules).order_by(online_rules.c.id)
    return [_rule(row) for row in connection.execute(query).mappings()]


class Scorings:
    """The traces that one rule chose, within the caller's transaction."""

    def __init__(self, connection: Connection, rule: OnlineRule) -> None:
        self._connection = connection
        self._rule = rule
        self._mine = online_scorings.c.rule_id == rule.id

    def choose(self, chosen: Iterable[tuple[Arrival, datetime]], position_ms: int) -> None:
        """Note traces with when they are complete, those that are noted already left alone, and go on."""
        rows = [self._row(arrival, due_at) for arrival, due_at in chosen]
        for start in range(0, len(rows), _AT_ONCE):
            insert_new(self._connection, online_scorings, rows[start : start + _AT_ONCE])
        self._connection.execute(
            update(online_rules)
            .where(online_rules.c.id == self._rule.id, online_rules.c.position_ms < position_ms)
            .values(position_ms=position_ms)
        )

    def due(self, now: datetime, limit: int) -> Sequence[Scoring]:
        """Return traces that nobody works on and whose time has come, the oldest first."""
        query = (
            select(online_scorings)
            .where(self._mine, online_scorings.c.state.in_(_NOT_DONE), online_scorings.c.due_at <= now)
            .order_by(online_scorings.c.due_at, online_scorings.c.trace_id)
            .limit(limit)
        )
        return [_scoring(row) for row in self._connection.execute(query).mappings()]

    def postpone(self, scoring: Scoring, until: datetime) -> None:
        """Let a trace wait on: something of it has just arrived."""
        self._connection.execute(self._change(scoring).values(due_at=until))

    def claim(self, scoring: Scoring, holder: str, until: datetime) -> bool:
        """Take a trace for oneself; False if somebody else was faster."""
        claimed = self._change(scoring).values(state=ScoringState.CLAIMED.value, holder=holder, due_at=until)
        return bool(self._connection.execute(claimed).rowcount)

    def release(self, now: datetime, *, of: str | None = None, but: str | None = None) -> None:
        """Give back claimed traces: those of a holder, or those of all others."""
        columns = online_scorings.c
        whose = columns.holder == of if of is not None else columns.holder != but
        claimed = and_(self._mine, columns.state == ScoringState.CLAIMED.value, whose, columns.due_at > now)
        self._connection.execute(update(online_scorings).where(claimed).values(due_at=now))

    def finish(self, trace_id: str, holder: str, results: Sequence[Result], now: datetime) -> bool:
        """Keep what was said of a trace; False if the claim on it has ended."""
        this = and_(self._mine, online_scorings.c.trace_id == trace_id, online_scorings.c.holder == holder)
        claimed = online_scorings.c.state == ScoringState.CLAIMED.value
        values = {
            "state": ScoringState.DONE.value,
            "day": day_of(now),
            "scored_at": now,
            "results": [_result_view(one) for one in results],
            **_counts(results),
        }
        done = self._connection.execute(update(online_scorings).where(this, claimed).values(**values))
        return bool(done.rowcount)

    def forget(self, before: datetime) -> None:
        """Forget traces that were done long ago."""
        done = online_scorings.c.state == ScoringState.DONE.value
        self._connection.execute(
            delete(online_scorings).where(self._mine, done, online_scorings.c.due_at < before)
        )

    def note(self, error: str | None, now: datetime) -> None:
        """Note how a round went."""
        values = {"error": error, "error_at": None if error is None else now}
        self._connection.execute(
            update(online_rules).where(online_rules.c.id == self._rule.id).values(**values)
        )

    def waiting(self) -> int:
        """Return how many traces are not done."""
        query = select(func.count()).where(self._mine, online_scorings.c.state.in_(_NOT_DONE))
        return self._connection.execute(query).scalar_one()

    def day(self, day: str) -> RuleDay:
        """Return how a day went."""
        columns = online_scorings.c
        counts = (
            columns.scored_count,
            columns.not_applicable_count,
            columns.error_count,
            columns.left_out_count,
        )
        sums = [func.coalesce(func.sum(column), 0) for column in counts]
        query = select(func.count(), *sums, func.max(columns.scored_at)).where(self._mine, columns.day == day)
        traces, scored, not_applicable, errors, left_out, last = self._connection.execute(query).one()
        calls, unpriced, pico = self._calls(day)
        is_priced = calls == 0 or unpriced < calls
        return RuleDay(
            day=day,
            traces=traces,
            scored=int(scored),
            not_applicable=int(not_applicable),
            errors=int(errors),
            left_out=int(left_out),
            calls=calls,
            cost_usd=from_pico(pico or 0) if is_priced else None,
            unpriced_calls=unpriced,
            last_scored_at=last,
        )

    def last(self, limit: int) -> Sequence[Judged]:
        """Return what was said last, newest first."""
        columns = online_scorings.c
        newest = (columns.day.desc(), columns.scored_at.desc(), columns.trace_id)
        done = columns.state == ScoringState.DONE.value
        query = select(columns.trace_id, columns.scored_at, columns.results).where(self._mine, done)
        rows = self._connection.execute(query.order_by(*newest).limit(limit))
        return [one for row in rows for one in _judged(*row)][:limit]

    def failed(self, day: str, limit: int) -> Sequence[Judged]:
        """Return the errors of a day, newest first."""
        columns = online_scorings.c
        query = (
            select(columns.trace_id, columns.scored_at, columns.results)
            .where(self._mine, columns.day == day, columns.error_count > 0)
            .order_by(columns.scored_at.desc(), columns.trace_id)
            .limit(limit)
        )
        found = [one for row in self._connection.execute(query) for one in _judged(*row)]
        return [one for one in found if one.result.status == ScoreStatus.ERROR][:limit]

    def _calls(self, day: str) -> tuple[int, int, int | None]:
        """Calls that were made for a day, also by processes that are gone."""
        columns = llm_calls.c
        unpriced = func.count() - func.count(columns.cost_pico)
        query = select(func.count(), unpriced, func.sum(columns.cost_pico)).where(
            columns.project_id == self._rule.project_id, columns.run_id == calls_run_id(self._rule.id, day)
        )
        calls, without, pico = self._connection.execute(query).one()
        return calls, without, None if pico is None else int(pico)

    def _change(self, scoring: Scoring) -> Any:
        """A change that only happens if nobody changed the trace since."""
        return update(online_scorings).where(
            self._mine,
            online_scorings.c.trace_id == scoring.arrival.trace_id,
            online_scorings.c.due_at == scoring.due_at,
            online_scorings.c.state.in_(_NOT_DONE),
        )

    def _row(self, arrival: Arrival, due_at: datetime) -> dict[str, Any]:
        return {
            "rule_id": self._rule.id,
            "trace_id": arrival.trace_id,
            "span_id": arrival.span_id,
            "service": arrival.service,
            "environment": arrival.environment,
            "arrived_ms": arrival.arrived_ms,
            "state": ScoringState.WAITING.value,
            "due_at": due_at,
            "scored_count": 0,
            "not_applicable_count": 0,
            "error_count": 0,
            "left_out_count": 0,
            "results": [],
        }


def day_of(now: datetime) -> str:
    """The day of a budget, in UTC."""
    return f"{now:%Y-%m-%d}"


def _counts(results: Sequence[Result]) -> dict[str, int]:
    counts = {"scored_count": 0, "not_applicable_count": 0, "error_count": 0, "left_out_count": 0}
    for one in results:
        counts[_COLUMN_OF.get(one.status, "left_out_count")] += 1
    return counts


_COLUMN_OF: dict[str, str] = {
    ScoreStatus.SCORED: "scored_count",
    ScoreStatus.NOT_APPLICABLE: "not_applicable_count",
    ScoreStatus.UNDETERMINED: "not_applicable_count",
    ScoreStatus.ERROR: "error_count",
}


def _result_view(one: Result) -> dict[str, Any]:
    return {
        "metric": one.metric,
        "identity": one.identity,
        "status": str(one.status),
        "value": one.value,
        "reason": one.reason,
        "explanation": one.explanation,
    }


def _judged(trace_id: str, at: datetime, results: Sequence[dict[str, Any]]) -> Iterator[Judged]:
    for one in results:
        yield Judged(trace_id=trace_id, at=at, result=Result(**one))


def _scoring(row: RowMapping) -> Scoring:
    arrival = Arrival(
        trace_id=row["trace_id"],
        span_id=row["span_id"],
        service=row["service"],
        environment=row["environment"],
        arrived_ms=row["arrived_ms"],
    )
    return Scoring(arrival, row["due_at"])


def _rule(row: RowMapping) -> OnlineRule:
    values = {name: row[name] for name in row if name != "content"}
    content = row["content"]
    return OnlineRule(content=read_content(content), pack=content.get(_PACK), **values)
