"""Budgets over real stores: how much is used, who may change them, what signals and alerts get of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.access.types import Principal
from pitwall.core.errors import Conflict, NotPermitted, Unavailable
from pitwall.core.vocabulary import Scope as KeyScope
from pitwall.costs.budgets.errors import BudgetNotFound
from pitwall.costs.budgets.service import Budgets
from pitwall.costs.budgets.types import Budget, PackBudget, Scope
from pitwall.costs.budgets.wire import budget_view
from pitwall.costs.periods import Period
from pitwall.costs.recording import CostRecorder, RecorderParts
from pitwall.costs.service import Costs
from pitwall.kit.clock import ManualClock
from pitwall.signals.service import Signals
from pitwall.signals.types import SignalQuery
from pitwall.stores.state import AuditLog, Projects, StateStore
from pitwall.stores.telemetry.engine import TelemetryEngine
from tests.integration.costs.telemetry import NOW, daily_calls, insert_spans, make_call

MONTH = Budget("month", Decimal(300))


@pytest.fixture
def state(tmp_path: Path, clock: ManualClock) -> Iterator[StateStore]:
    store = StateStore.in_directory(tmp_path, clock=clock).open()
    yield store
    store.close()


@pytest.fixture
def operator(state: StateStore, project: str) -> Principal:
    with state.session() as session:
        Projects(session).create(project, project, now=NOW)
    return LOCAL_OPERATOR.on_project(project)


@pytest.fixture
def budgets(state: StateStore, costs: Costs, clock: ManualClock) -> Budgets:
    return Budgets(state, [], costs.periods, clock)


@pytest.mark.parametrize(("period", "spent"), [(Period.DAY, "2"), (Period.WEEK, "42"), (Period.MONTH, "192")])
def test_use_is_that_of_the_present_period(
    budgets: Budgets, telemetry_engine: TelemetryEngine, project: str, period: Period, spent: str
) -> None:
    """Today, since Monday, since the first of the month."""
    insert_spans(telemetry_engine, project, [*daily_calls(30), make_call(NOW, 2.0)])
    budget = Budget("one", Decimal(300), period)
    use = budgets.use(project, budget)
    assert use.spent_usd == pytest.approx(float(spent))
    assert use.used == pytest.approx(float(spent) / 300)
    assert use.used is not None
    assert use.projected is not None
    assert use.projected > use.used


@pytest.mark.parametrize(
    ("scope", "spent"),
    [
        (Scope(), 17.0),
        (Scope(service="search"), 5.0),
        (Scope(user="kim"), 10.0),
        (Scope(model="gpt-4o"), 2.0),
        (Scope(environment="prod", user="kim"), 10.0),
        (Scope(user="nobody"), 0.0),
    ],
)
def test_only_calls_of_the_scope_count(
    budgets: Budgets, telemetry_engine: TelemetryEngine, project: str, scope: Scope, spent: float
) -> None:
    """Whoever calls nothing while others do has spent nothing, which is known."""
    calls = [
        make_call(NOW, 10.0, user_id="kim"),
        make_call(NOW, 5.0, service="search"),
        make_call(NOW, 2.0, model="gpt-4o"),
        make_call(NOW.replace(month=10), 40.0, model="gpt-4o"),
    ]
    insert_spans(telemetry_engine, project, calls)
    assert budgets.use(project, Budget("one", Decimal(100), scope=scope)).spent_usd == pytest.approx(spent)


def test_nothing_is_known_of_a_project_without_costs(budgets: Budgets, project: str) -> None:
    """No data is not zero."""
    use = budgets.use(project, replace(MONTH, scope=Scope(user="kim")))
    assert (use.spent_usd, use.used, use.projected) == (None, None, None)


def test_calls_without_a_price_are_told_with_the_use(
    budgets: Budgets, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """They may cost something that the budget does not see."""
    insert_spans(telemetry_engine, project, [make_call(NOW, None), make_call(NOW, 1.0)])
    assert budgets.use(project, MONTH).unpriced_calls == 1


@pytest.mark.parametrize(
    ("spent", "level"), [(49.0, "ok"), (50.0, "half"), (80.0, "nearly"), (99.9, "nearly"), (100.0, "over")]
)
def test_levels_begin_at_50_80_and_100_per_cent(
    budgets: Budgets,
    operator: Principal,
    telemetry_engine: TelemetryEngine,
    project: str,
    spent: float,
    level: str,
) -> None:
    """A cent below is below."""
    insert_spans(telemetry_engine, project, [make_call(NOW, spent)])
    budgets.save(Budget("one", Decimal(100)), by=operator)
    view = budget_view(budgets.get(project, "one"))
    assert view.use is not None
    assert (view.use.level, view.use.left_usd) == (
        level,
        f"{Decimal(100) - Decimal(str(spent)):f}".removesuffix(".0"),
    )


def test_budget_is_set_changed_and_removed(budgets: Budgets, operator: Principal, state: StateStore) -> None:
    """Each change is in the audit log with its amount."""
    budgets.save(MONTH, by=operator)
    budgets.save(replace(MONTH, amount_usd=Decimal(400)), by=operator)
    assert [one.budget.amount_usd for one in budgets.list(operator.project_id)] == [400]
    assert budgets.remove("month", by=operator) is None
    assert budgets.list(operator.project_id) == []
    with pytest.raises(BudgetNotFound):
        budgets.get(operator.project_id, "month")
    with state.session(read_only=True) as session:
        entries = AuditLog(session).list(project_id=operator.project_id)
    assert [entry.action for entry in entries if entry.object == "budget:month"].count("budget.set") == 2


def test_pack_budget_can_be_changed_and_comes_back(
    state: StateStore, costs: Costs, clock: ManualClock, operator: Principal
) -> None:
    """Removing the team's version brings the pack's; the pack's own cannot be removed."""
    budgets = Budgets(state, [PackBudget("team", MONTH)], costs.periods, clock)
    changed = budgets.save(replace(MONTH, amount_usd=Decimal(1)), by=operator)
    assert budget_view(changed).origin == "changed"
    back = budgets.remove("month", by=operator)
    assert back is not None
    assert (back.budget, budget_view(back).origin) == (MONTH, "pack")
    with pytest.raises(Conflict, match="nobody changed it"):
        budgets.remove("month", by=operator)


def test_only_who_may_act_sets_budgets(budgets: Budgets, operator: Principal) -> None:
    """A reader may look."""
    reader = replace(operator, scopes=frozenset({KeyScope.READ}))
    with pytest.raises(NotPermitted):
        budgets.save(MONTH, by=reader)


class _Door:
    """Stores points the way the metrics door does in the end."""

    def __init__(self, engine: TelemetryEngine) -> None:
        self._engine = engine
        self.requests = 0

    def accept_blocking(self, submission: Any) -> None:
        self.requests += 1
        rows = []
        for metric in submission.parsed.request.resource_metrics[0].scope_metrics[0].metrics:
            point = metric.gauge.data_points[0]
            attributes = {one.key: one.value.string_value for one in point.attributes}
            rows.append(
                [submission.project, metric.name, "gauge", NOW.isoformat()[:19], point.as_double, attributes]
            )
        columns = ["project", "name", "type", "at", "value", "attributes"]
        self._engine.insert_rows("points_in", columns, rows)


def test_month_and_budgets_become_signals(
    budgets: Budgets,
    costs: Costs,
    clock: ManualClock,
    operator: Principal,
    signals: Signals,
    telemetry_engine: TelemetryEngine,
    project: str,
) -> None:
    """What the summary and the budget show is what alerts judge; by budget, and in all the worst."""
    insert_spans(telemetry_engine, project, daily_calls(30))
    budgets.save(MONTH, by=operator)
    budgets.save(Budget("kim", Decimal(1), scope=Scope(user="kim")), by=operator)
    door = _Door(telemetry_engine)
    recorder = CostRecorder(RecorderParts(costs.periods, budgets, lambda: [project], door, clock))  # type: ignore[arg-type]
    recorder.run()
    summary = costs.summary(project)

    def ask(name: str, *by: str) -> list[tuple[Any, Any]]:
        clock_minute = NOW.replace(minute=1)
        answer = signals.query(SignalQuery(name, project, NOW.replace(hour=11), clock_minute, by=by))
        return [(tuple(row.labels.values()), row.value) for row in answer.rows]

    assert ask("cost.month_to_date_usd") == [((), summary.totals.cost_usd)]
    assert summary.projection.total is not None
    assert ask("cost.projected_month_usd") == [((), summary.projection.total.usd)]
    assert ask("cost.budget_used", "budget") == [(("kim",), 0.0), (("month",), pytest.approx(190 / 300))]
    assert ask("cost.budget_used") == [((), pytest.approx(190 / 300))]
    assert ask("cost.budget_projected", "budget")[-1] == (("month",), pytest.approx(1, rel=0.03))


def test_project_without_costs_leaves_no_points(
    budgets: Budgets,
    costs: Costs,
    clock: ManualClock,
    operator: Principal,
    telemetry_engine: TelemetryEngine,
    project: str,
) -> None:
    """A budget that nobody knows the use of is no data, never 0."""
    budgets.save(MONTH, by=operator)
    door = _Door(telemetry_engine)
    CostRecorder(RecorderParts(costs.periods, budgets, lambda: [project], door, clock)).run()  # type: ignore[arg-type]
    assert door.requests == 0


class _SlowCosts:
    """Costs that take two seconds of a clock to sum."""

    def __init__(self, costs: Costs, clock: ManualClock) -> None:
        self._periods = costs.periods
        self._clock = clock
        self.looks = 0
        self.calendar = costs.periods.calendar

    def look(self, *arguments: Any, **options: Any) -> Any:
        self.looks += 1
        self._clock.advance(2)
        return self._periods.look(*arguments, **options)


def test_what_takes_long_to_sum_is_summed_less_often(
    costs: Costs, clock: ManualClock, state: StateStore, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """Two seconds of work are followed by two hundred of rest."""
    slow = _SlowCosts(costs, clock)
    budgets = Budgets(state, [], costs.periods, clock)
    parts = RecorderParts(slow, budgets, lambda: [project], _Door(telemetry_engine), clock)  # type: ignore[arg-type]
    recorder = CostRecorder(parts)
    for _ in range(10):
        recorder.run()
        clock.advance(60)
    assert slow.looks == 3


def test_project_that_fails_leaves_the_others_going(
    budgets: Budgets, costs: Costs, clock: ManualClock, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """A door that is shut for one project is no reason to forget the next."""
    other = f"{project}-other"
    for name in (project, other):
        insert_spans(telemetry_engine, name, daily_calls(30))
    recorded: list[Any] = []

    class Door:
        def accept_blocking(self, submission: Any) -> None:
            if not recorded:
                recorded.append("failed")
                raise Unavailable("The log is full.")
            recorded.append(submission.project)

    parts = RecorderParts(costs.periods, budgets, lambda: [project, other], Door(), clock)  # type: ignore[arg-type]
    CostRecorder(parts).run()
    assert recorded == ["failed", other]
