"""Where Alembic starts: it runs on the connection and in the transaction it is handed."""

from __future__ import annotations

from alembic import context

from pitwall.stores.state.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter most things in place
    compare_server_default=True,
)
context.run_migrations()
