"""All SQL about calls to models and about what models can do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    SelectBase,
    bindparam,
    delete,
    func,
    insert,
    select,
)

from pitwall.kit.clock import to_unix_nano
from pitwall.kit.ids import first_id_at
from pitwall.llm.abilities import Abilities, abilities_view, read_abilities
from pitwall.llm.calls import Call, CallKind, Kept, from_pico, to_pico
from pitwall.llm.keys import place_key
from pitwall.llm.types import Api, CallFailure, ModelEndpoint, Usage
from pitwall.llm.wire import Mode
from pitwall.stores.state import StateStore
from pitwall.stores.state.tables import llm_abilities, llm_calls

_KEYS_PER_QUERY = 500
_INSERT = insert(llm_calls)
_FIND = (
    select(llm_calls.c.key, llm_calls.c.reply, llm_calls.c.failure, llm_calls.c.error)
    .where(
        llm_calls.c.project_id == bindparam("project_id"),
        llm_calls.c.key.in_(bindparam("keys", expanding=True)),
    )
    .order_by(llm_calls.c.id)
)


@dataclass(frozen=True, slots=True)
class CallQuery:
    """Which calls to list, newest first; None for all."""

    limit: int
    run_id: str | None = None
    failed: bool | None = None
    before: str | None = None


class Calls:
    """Calls of one project, within the caller's transaction."""

    def __init__(self, connection: Connection, project_id: str) -> None:
        self._connection = connection
        self._project_id = project_id

    def add(self, calls: Iterable[Call]) -> None:
        """Keep calls."""
        rows = [_values(call, self._project_id) for call in calls]
        if rows:
            self._connection.execute(_INSERT, rows)

    def without_kept(self, calls: Sequence[Call]) -> Sequence[Call]:
        """Return those whose rows are not there yet."""
        query = select(llm_calls.c.id).where(llm_calls.c.id.in_([call.id for call in calls]))
        kept = set(self._connection.execute(query).scalars())
        return [call for call in calls if call.id not in kept]

    def find(self, keys: Sequence[str], run_id: str | None = None) -> dict[str, Kept]:
        """Return what is known of questions.

        Args:
            keys: Of the questions.
            run_id: Only what this run asked; None for everybody's.
        """
        known: dict[str, Kept] = {}
        query = _FIND if run_id is None else _FIND.where(llm_calls.c.run_id == run_id)
        for start in range(0, len(keys), _KEYS_PER_QUERY):
            values = {"project_id": self._project_id, "keys": list(keys[start : start + _KEYS_PER_QUERY])}
            for key, reply, failure, error in self._connection.execute(query, values):
                if key not in known or known[key].failure is not None:
                    known[key] = Kept(key, reply, failure and CallFailure(failure), error)
        return known

    def list(self, query: CallQuery) -> Sequence[Call]:
        """Return calls, newest first."""
        rows = select(llm_calls).where(llm_calls.c.project_id == self._project_id)
        if query.run_id is not None:
            rows = rows.where(llm_calls.c.run_id == query.run_id)
        if query.failed is not None:
            has_failed = llm_calls.c.failure.is_not(None)
            rows = rows.where(has_failed if query.failed else ~has_failed)
        if query.before is not None:
            rows = rows.where(llm_calls.c.id < query.before)
        rows = rows.order_by(llm_calls.c.id.desc()).limit(query.limit)
        return [_call(row) for row in self._connection.execute(rows).mappings()]

    def of_key(self, key: str) -> Sequence[Call]:
        """Return all calls of a question, newest first."""
        query = (
            select(llm_calls)
            .where(llm_calls.c.project_id == self._project_id, llm_calls.c.key == key)
            .order_by(llm_calls.c.id.desc())
        )
        return [_call(row) for row in self._connection.execute(query).mappings()]

    def count(self, run_id: str | None = None) -> int:
        """Return how many calls there are."""
        query = select(func.count()).where(llm_calls.c.project_id == self._project_id)
        if run_id is not None:
            query = query.where(llm_calls.c.run_id == run_id)
        return self._connection.execute(query).scalar_one()

    def used_by(self, run_id: str) -> tuple[int, Decimal | None]:
        """Return how many calls a run made, and what those with a price cost; None if none has one.

        A call for the vectors of several texts is one.
        """
        of = llm_calls.c
        query = select(func.count().filter(of.attempts > 0), func.sum(of.cost_pico)).where(
            of.project_id == self._project_id, of.run_id == run_id
        )
        calls, pico = self._connection.execute(query).one()
        return calls, from_pico(None if pico is None else int(pico))


class FoundAbilities:
    """What the doctor found about models, within the caller's transaction."""

    def __init__(self, connection: Connection, project_id: str) -> None:
        self._connection = connection
        self._project_id = project_id

    def find(self, endpoint: ModelEndpoint) -> Abilities | None:
        """Return what was found, or None."""
        query = select(llm_abilities.c.content).where(self._is(endpoint))
        content = self._connection.execute(query).scalar()
        return None if content is None else read_abilities(content)

    def save(self, endpoint: ModelEndpoint, abilities: Abilities, *, at: datetime) -> None:
        """Keep or replace what was found."""
        self._connection.execute(delete(llm_abilities).where(self._is(endpoint)))
        self._connection.execute(
            insert(llm_abilities).values(
                project_id=self._project_id,
                key=place_key(endpoint),
                content=abilities_view(abilities),
                found_at=at,
            )
        )

    def _is(self, endpoint: ModelEndpoint) -> ColumnElement[bool]:
        return (llm_abilities.c.project_id == self._project_id) & (llm_abilities.c.key == place_key(endpoint))


def forget_calls(connection: Connection, before: datetime, *, needed: SelectBase, limit: int) -> int:
    """Delete old calls of all projects, the oldest first; returns how many.

    Args:
        needed: Ids of the runs whose calls stay.
    """
    of = llm_calls.c
    is_free = of.run_id.is_(None) | of.run_id.not_in(needed)
    old = select(of.id).where(of.id < first_id_at(to_unix_nano(before)), is_free)
    found = connection.execute(old.order_by(of.id).limit(limit)).scalars().all()
    connection.execute(delete(llm_calls).where(of.id.in_(found)))
    return len(found)


def found_abilities(state: StateStore, project_id: str, endpoint: ModelEndpoint) -> Abilities | None:
    """Return what the doctor found about a model, or None."""
    with state.session(read_only=True) as session:
        return FoundAbilities(session, project_id).find(endpoint)


def _values(call: Call, project_id: str) -> dict[str, Any]:
    return {
        "id": call.id,
        "project_id": project_id,
        "key": call.key,
        "run_id": call.run_id,
        "kind": call.kind.value,
        "api": call.api.value,
        "endpoint": call.endpoint,
        "model": call.model,
        "mode": call.mode and call.mode.value,
        "sample": call.sample,
        "request": call.request,
        "reply": call.reply,
        "finish_reason": call.finish_reason,
        "failure": call.failure and call.failure.value,
        "error": call.error,
        "input_tokens": call.usage.input_tokens,
        "output_tokens": call.usage.output_tokens,
        "cost_pico": to_pico(call.cost_usd),
        "latency_ms": call.latency_ms,
        "attempts": call.attempts,
        "created_at": call.created_at,
    }


def _call(row: RowMapping) -> Call:
    return Call(
        id=row["id"],
        key=row["key"],
        run_id=row["run_id"],
        kind=CallKind(row["kind"]),
        api=Api(row["api"]),
        endpoint=row["endpoint"],
        model=row["model"],
        mode=row["mode"] and Mode(row["mode"]),
        sample=row["sample"],
        request=row["request"],
        reply=row["reply"],
        finish_reason=row["finish_reason"],
        failure=row["failure"] and CallFailure(row["failure"]),
        error=row["error"],
        usage=Usage(row["input_tokens"], row["output_tokens"]),
        cost_usd=from_pico(row["cost_pico"]),
        latency_ms=row["latency_ms"],
        attempts=row["attempts"],
        created_at=row["created_at"],
    )
