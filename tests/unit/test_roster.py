"""The roster: read, kept in memory, never repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.errors import BadDirectory
from bot.domain.giveaways import NO_WORDS, KnownWords
from config.roster import load_roster


def test_names_and_posts_that_one_person_holds_are_known(tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_bytes(
        "name,post\n欧阳修远,微机员\n司马云,网格员\n上官静,网格员\n,\n".encode("gb18030")
    )

    assert load_roster(file) == KnownWords(
        names=frozenset({"欧阳修远", "司马云", "上官静"}), posts=frozenset({"微机员"})
    )


def test_without_a_file_nothing_is_known() -> None:
    assert load_roster(None) is NO_WORDS


@pytest.mark.parametrize(
    ("written", "named"), [("金丝雀,x\n金丝雀,y\n", "row 1"), ("\xff", "file")]
)
def test_a_roster_that_cannot_be_read_is_named_and_no_cell_repeated(
    tmp_path: Path, written: str, named: str
) -> None:
    file = tmp_path / "roster.csv"
    file.write_bytes(written.encode("latin-1") if named == "file" else written.encode())

    with pytest.raises(BadDirectory) as refused:
        load_roster(file)

    assert refused.value.field == named
    assert "金丝雀" not in str(refused.value)


def test_a_roster_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadDirectory):
        load_roster(tmp_path / "none.csv")
