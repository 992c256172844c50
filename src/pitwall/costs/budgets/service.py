"""Which budgets a project has, and how much of each is used; the spend is that of the signals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from pitwall.access.types import Principal, require
from pitwall.core.errors import Conflict, InvalidInput
from pitwall.core.vocabulary import Scope as KeyScope
from pitwall.costs.budgets.errors import BudgetNotFound
from pitwall.costs.budgets.repository import StoredBudgets
from pitwall.costs.budgets.types import Budget, BudgetState, BudgetUse, PackBudget, StoredBudget
from pitwall.costs.period_costs import PeriodCosts
from pitwall.kit.clock import Clock
from pitwall.stores.state import AuditEntry, AuditLog, Projects, StateStore

MAX_BUDGETS: Final = 500
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class Budgets:
    """Looks at budgets and changes them; calls block.

    Args:
        state: Keeps what teams set.
        packs: What the packs bring, in their order.
        costs: What periods cost.
        clock: When something was set, and which period is the present one.
    """

    def __init__(
        self, state: StateStore, packs: Sequence[PackBudget], costs: PeriodCosts, clock: Clock
    ) -> None:
        self._state = state
        self._packs = {one.budget.name: one for one in packs}
        self._costs = costs
        self._clock = clock

    def list(self, project_id: str) -> list[BudgetState]:
        """Return budgets without their use: those of packs in their order, then the team's own by name."""
        with self._state.session(read_only=True) as session:
            stored = {one.budget.name: one for one in StoredBudgets(session, project_id).list()}
        return [self._in_force(name, stored.get(name)) for name in dict.fromkeys([*self._packs, *stored])]

    def with_use(self, project_id: str, state: BudgetState) -> BudgetState:
        """A budget with how much of it is used."""
        return replace(state, use=self.use(project_id, state.budget))

    def get(self, project_id: str, name: str) -> BudgetState:
        """Return one budget with its use.

        Raises:
            BudgetNotFound: The project has none of that name.
        """
        stored = None
        if _SLUG.fullmatch(name):
            with self._state.session(read_only=True) as session:
                stored = StoredBudgets(session, project_id).find(name)
        if stored is None and name not in self._packs:
            raise _not_found(name)
        return self.with_use(project_id, self._in_force(name, stored))

    def use(self, project_id: str, budget: Budget) -> BudgetUse:
        """How much of a budget the present period has used."""
        now = self._clock.now()
        stretch = self._costs.calendar.containing(budget.period, now)
        cost = self._costs.look(project_id, stretch, now, where=budget.scope.where())
        spent = cost.spent_usd
        if spent is None and budget.scope.named() and self._has_costs(project_id, stretch.start, cost.until):
            spent = 0.0  # others of the project were charged, so we would know
        amount, total = float(budget.amount_usd), cost.projection.total
        return BudgetUse(
            at=now,
            stretch=stretch,
            spent_usd=spent,
            used=None if spent is None else spent / amount,
            projected=None if total is None else total.usd / amount,
            projection=cost.projection,
            unpriced_calls=cost.unpriced_calls,
        )

    def save(self, budget: Budget, *, by: Principal) -> BudgetState:
        """Set a budget of the caller's project, in place of whatever has its name.

        Args:
            budget: What it is to be.
            by: Whose project, and who is named in the audit log.

        Raises:
            NotPermitted: The caller may not act.
            InvalidInput: The project has as many budgets as it may.
        """
        require(by, KeyScope.ACT)
        stored = StoredBudget(budget, self._clock.now(), by.actor)
        with self._state.session() as session:
            project = Projects(session).get(by.project_id)
            found = StoredBudgets(session, project.id)
            if found.find(budget.name) is None and found.count() >= MAX_BUDGETS:
                raise InvalidInput(
                    f"A project has at most {MAX_BUDGETS} budgets.",
                    code="budget.too_many",
                    hint="Remove one that nobody uses: `pitwall budgets remove NAME`.",
                )
            found.put(stored)
            AuditLog(session).record(self._audit("budget.set", budget, by))
        return self._in_force(budget.name, stored)

    def remove(self, name: str, *, by: Principal) -> BudgetState | None:
        """Forget what the team set; returns the pack's budget of that name, which is in force again.

        Raises:
            NotPermitted: The caller may not act.
            BudgetNotFound: The project has no budget of that name.
            Conflict: It is a pack's budget that nobody changed.
        """
        require(by, KeyScope.ACT)
        with self._state.session() as session:
            found = StoredBudgets(session, by.project_id)
            stored = found.find(name) if _SLUG.fullmatch(name) else None
            if stored is None:
                raise self._nothing_to_remove(name)
            found.remove(name)
            AuditLog(session).record(self._audit("budget.removed", stored.budget, by))
        return self._in_force(name, None) if name in self._packs else None

    def _has_costs(self, project_id: str, since: datetime, until: datetime) -> bool:
        return self._costs.spent(project_id, since, until) is not None

    def _in_force(self, name: str, stored: StoredBudget | None) -> BudgetState:
        pack = self._packs.get(name)
        if stored is not None:
            budget = stored.budget
        else:
            assert pack is not None  # callers name what is stored or in a pack
            budget = pack.budget
        return BudgetState(budget, None if pack is None else pack.pack, stored)

    def _nothing_to_remove(self, name: str) -> BudgetNotFound | Conflict:
        if name not in self._packs:
            return _not_found(name)
        return Conflict(
            f"Budget {name!r} comes with the pack {self._packs[name].pack} and nobody changed it.",
            code="budget.from_pack",
            hint="Set another amount for it: `pitwall budgets set NAME --amount USD`.",
        )

    def _audit(self, action: str, budget: Budget, by: Principal) -> AuditEntry:
        return AuditEntry(
            at=self._clock.now(),
            actor=by.actor,
            action=action,
            object=f"budget:{budget.name}",
            project_id=by.project_id,
            details=budget.content(),
        )


def _not_found(name: str) -> BudgetNotFound:
    return BudgetNotFound(f"There is no budget {name!r}.", hint="See `pitwall budgets list`.")
