"""Complaint stores on both databases."""

from __future__ import annotations

import os

import pytest

from storage.complaints.store import open_reports
from tests.complaints.house import BotSide, new_office
from tests.storage.stores import (  # noqa: F401 - pytest finds them here
    empty_postgres_url,
    postgres_folder,
)

DATABASES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=DATABASES)
def reports_url(request, tmp_path):
    """A fresh, empty database of each kind."""
    if request.param == "postgres":
        return request.getfixturevalue("empty_postgres_url")
    return f"sqlite+aiosqlite:///{tmp_path / 'complaints.db'}"


@pytest.fixture
async def reports(reports_url):
    async with open_reports(reports_url) as opened:
        yield opened


@pytest.fixture
async def sqlite_reports(tmp_path):
    async with open_reports(f"sqlite+aiosqlite:///{tmp_path / 'complaints.db'}") as opened:
        yield opened


@pytest.fixture
def office():
    return new_office()


@pytest.fixture
def bot(sqlite_reports, tmp_path, office):
    return BotSide(sqlite_reports, tmp_path, [office.key], token_bytes=os.urandom)
