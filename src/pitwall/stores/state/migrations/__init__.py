"""Alembic migrations of the state store, run by `pitwall.stores.state.migrate`."""
