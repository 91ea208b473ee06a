"""A fresh file with the schema, for books that outlive a restart."""

from tests.storage.stores import sqlite_template, sqlite_url  # noqa: F401 - pytest finds them here
