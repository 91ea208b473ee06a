"""Databases for the scenarios that need real ones."""

from tests.scenarios.lived_week import (  # noqa: F401 - pytest finds them here
    a_lived_week,
    two_lived_weeks,
    week,
    weeks,
)
from tests.storage.stores import (  # noqa: F401 - pytest finds them here
    database_url,
    empty_postgres_url,
    postgres_folder,
    postgres_template,
    postgres_url,
    sqlite_template,
    sqlite_url,
)
