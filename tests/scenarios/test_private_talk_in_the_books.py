"""What the books keep of a talk in private is the same, whatever it was about."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.crypto.office_keys import SUFFIX
from tests.complaints.house import desk_of, new_office
from tests.scenarios.test_complaint_whole_path import WAYS, placed

TOLD = "每天下班以后还要交三张截图，漏一张就点名"
COMPLAINT = ("投诉", "1", "5", "1", TOLD, "1")
HELP = ("帮助", "隐私", "帮助", "状态", "隐私", "帮助")
BY_RECEIPT = (
    "查询 1234 5678 9012 3456 78 19", "帮助", "撤回 1234 5678 9012 3456 78 19", "隐私", "投诉", "2",
)  # fmt: skip


@pytest.mark.parametrize("way", WAYS[::3])
async def test_a_complaint_leaves_in_the_books_what_a_question_for_help_leaves(
    tmp_path: Path, way: str
) -> None:
    office = new_office()
    left = {}
    for name, said in (("complaint", COMPLAINT), ("help", HELP), ("receipt", BY_RECEIPT)):
        folder = tmp_path / name
        keys = folder / "complaints" / "office-keys"
        keys.mkdir(parents=True, mode=0o700)
        (keys / f"county{SUFFIX}").write_bytes(office.public_file())
        async with placed(folder, way, office, desk_of(office)) as place:
            for line in said:
                await place.say(line)
            await place.slots(1)
            left[name] = rows_in(folder / "books.db")

    assert left["complaint"] == left["help"] == left["receipt"]
    assert left["help"]["alembic_version"]


def rows_in(path: Path) -> dict[str, list[tuple]]:
    """Every row of every table; of the proof log, whose bytes hang on its key, how many."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        names = [
            name
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table'"
            )
        ]
        found = {
            name: sorted(connection.execute(f"SELECT * FROM {name}").fetchall(), key=repr)
            for name in names
        }
    return {
        name: [(len(rows),)] if name.startswith("proof_") else rows for name, rows in found.items()
    }
