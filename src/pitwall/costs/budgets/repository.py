"""All SQL about budgets that teams set."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, func, insert, select, update

from pitwall.costs.budgets.types import Budget, StoredBudget
from pitwall.stores.state.tables import budgets


class StoredBudgets:
    """Budgets of one project, within the caller's transaction."""

    def __init__(self, connection: Connection, project_id: str) -> None:
        self._connection = connection
        self._project_id = project_id

    def list(self) -> list[StoredBudget]:
        """Return all of them by name."""
        query = select(budgets).where(budgets.c.project_id == self._project_id).order_by(budgets.c.name)
        return [_stored(row) for row in self._connection.execute(query).mappings()]

    def find(self, name: str) -> StoredBudget | None:
        """Return one, or None."""
        row = self._connection.execute(select(budgets).where(self._is(name))).mappings().first()
        return None if row is None else _stored(row)

    def count(self) -> int:
        """Return how many there are."""
        query = select(func.count()).where(budgets.c.project_id == self._project_id)
        return self._connection.execute(query).scalar_one()

    def put(self, stored: StoredBudget) -> None:
        """Store a budget in place of whatever has its name."""
        values = {
            "content": stored.budget.content(),
            "updated_at": stored.updated_at,
            "updated_by": stored.updated_by,
        }
        changed = self._connection.execute(
            update(budgets).where(self._is(stored.budget.name)).values(**values)
        )
        if not changed.rowcount:
            key = {"project_id": self._project_id, "name": stored.budget.name}
            self._connection.execute(insert(budgets).values(**key, **values))

    def remove(self, name: str) -> None:
        """Forget a budget."""
        self._connection.execute(delete(budgets).where(self._is(name)))

    def _is(self, name: str) -> ColumnElement[bool]:
        return (budgets.c.project_id == self._project_id) & (budgets.c.name == name)


def _stored(row: RowMapping) -> StoredBudget:
    return StoredBudget(Budget.of(row["content"]), row["updated_at"], row["updated_by"])
