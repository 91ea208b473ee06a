"""What Alembic runs: the scripts, on the connection that `storage.upgrades` hands over."""

from alembic import context

from storage.complaints.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
