"""CSV without ids: the same row is the same message, and no two rows are mistaken for one."""

from __future__ import annotations

from pathlib import Path

from bot.domain.messages import IncomingMessage
from bot.platforms.transcripts import read_transcript

HEAD = "group,sender,sent_at,text\n"
ROW = "{group},u1,2026-10-12T09:00:00+08:00,{text}\n"


def keys(path: Path, content: str) -> list[str]:
    path.write_text(HEAD + content, "utf-8")
    told = read_transcript(path)
    return [one.key.reveal() for one in told if isinstance(one, IncomingMessage)]


def test_the_same_row_in_another_file_is_the_same_message(tmp_path: Path) -> None:
    row, other = ROW.format(group="g1", text="报表"), ROW.format(group="g1", text="收到")

    first = keys(tmp_path / "a.csv", row + other)
    second = keys(tmp_path / "b.csv", other + row)

    assert set(first) == set(second)


def test_different_rows_are_different_messages_wherever_they_stand(tmp_path: Path) -> None:
    first = keys(tmp_path / "a.csv", ROW.format(group="g1", text="报表"))
    second = keys(tmp_path / "b.csv", ROW.format(group="g2", text="报表"))

    assert set(first).isdisjoint(second)


def test_the_same_words_twice_in_a_second_are_two_messages(tmp_path: Path) -> None:
    found = keys(tmp_path / "a.csv", ROW.format(group="g1", text="收到") * 2)

    assert len(set(found)) == 2
