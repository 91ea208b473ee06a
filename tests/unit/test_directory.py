"""The directory: who belongs where, read once, kept in memory."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.domain.errors import BadDirectory
from bot.domain.messages import Conversation, IncomingMessage, Route
from bot.domain.private import Opaque
from config.directory import load_directory

HEAD = "platform,account,sender,unit,line\n"


def said_by(sender: str, account: str = "corp1") -> IncomingMessage:
    return IncomingMessage(
        platform="wecom",
        account=account,
        route=Route.WECOM_ARCHIVE,
        key=Opaque("m1"),
        conversation=Conversation(True, Opaque("wr1")),
        sender=Opaque(sender),
        sent_at=datetime(2026, 10, 12, tzinfo=UTC),
    )


def test_a_listed_sender_has_a_unit_and_a_line(tmp_path: Path) -> None:
    path = tmp_path / "directory.csv"
    path.write_text(HEAD + "wecom,corp1,li.hua,U01,L02\nwecom,*,zhang,U02,L01\n", "utf-8")

    directory = load_directory(path)

    assert directory.origin_of(said_by("li.hua")).unit == "U01"
    assert directory.origin_of(said_by("li.hua", account="corp2")) is None
    assert directory.origin_of(said_by("zhang", account="corp2")).line == "L01"
    assert directory.origin_of(said_by("nobody")) is None


def test_what_excel_writes_in_gbk_is_read(tmp_path: Path) -> None:
    path = tmp_path / "directory.csv"
    path.write_bytes((HEAD + "wecom,corp1,li.hua,青石镇,综治\n").encode("gb18030"))

    assert load_directory(path).origin_of(said_by("li.hua")).unit == "青石镇"


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b"platform,sender\n", "row 1"),
        (HEAD.encode() + b"wecom,corp1,li.hua,,L02\n", "row 2"),
        (HEAD.encode() + b"wecom,c,a,U1,L1\nwecom,c,a,U2,L1\n", "row 3"),
        (b"\xff\xff\xff\xff\xff", "file"),
    ],
)
def test_a_wrong_row_is_named_and_its_ids_are_not(
    tmp_path: Path, content: bytes, where: str
) -> None:
    path = tmp_path / "directory.csv"
    path.write_bytes(content)

    with pytest.raises(BadDirectory) as caught:
        load_directory(path)

    assert where in str(caught.value)
    assert "li.hua" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadDirectory, match=r"expected\.readable"):
        load_directory(tmp_path / "none.csv")
