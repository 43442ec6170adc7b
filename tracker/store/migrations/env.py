"""What alembic runs: the steps in versions/, on the connection and in the transaction that migrate.py holds."""

from alembic import context

from tracker.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
