"""Transcripts are read line by line, and a bad line is named by file, line and field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.domain.errors import BadTranscript
from bot.domain.groups import GroupProfile
from bot.domain.messages import Form, IncomingMessage
from bot.platforms.transcripts import TranscriptFile, read_transcript, told_by_csv, told_by_lines

HEADER = {
    "group": "g1", "name": "青石镇工作群", "unit": "青石镇", "size": 46,
    "timezone": "Asia/Shanghai", "work_hours": "08:30-12:00,14:30-18:00",
}  # fmt: skip
MESSAGE = {
    "id": "g1-0001", "group": "g1", "sender": "u01", "role": "leader",
    "sent_at": "2026-10-12T08:41:10+08:00", "type": "text", "text": "各村报数",
    "mentions": ["all", "u02"], "reply_to": None,
}  # fmt: skip


def lines(*rows: dict[str, Any]) -> list[str]:
    return [json.dumps(row, ensure_ascii=False) for row in rows]


def test_a_header_becomes_a_group_and_a_line_a_message() -> None:
    group, message = told_by_lines(lines(HEADER, MESSAGE), "t.jsonl")

    assert isinstance(group, GroupProfile)
    assert (group.code, group.size, group.unit) == ("g1", 46, "青石镇")
    assert isinstance(message, IncomingMessage)
    assert message.mentions_all
    assert [one.reveal() for one in message.mentions] == ["u02"]
    assert not message.is_from_bot


def test_only_the_bots_role_is_looked_at() -> None:
    for role, is_bot in (("leader", False), ("member", False), ("bot", True)):
        _, message = told_by_lines(lines(HEADER, {**MESSAGE, "role": role}), "t.jsonl")

        assert isinstance(message, IncomingMessage)
        assert message.is_from_bot is is_bot


@pytest.mark.parametrize("form", list(Form))
def test_every_form_is_known(form: Form) -> None:
    _, message = told_by_lines(lines(HEADER, {**MESSAGE, "type": form.value}), "t.jsonl")

    assert isinstance(message, IncomingMessage)
    assert message.form is form


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": ""}, "id"),
        ({"sender": 5}, "sender"),
        ({"sent_at": "yesterday"}, "sent_at"),
        ({"sent_at": "2026-10-12T08:41:10"}, "sent_at"),
        ({"type": "dance"}, "type"),
        ({"mentions": "u01"}, "mentions"),
        ({"text": 7}, "text"),
        ({"reply_to": 7}, "reply_to"),
        ({"group": "g2"}, "group"),
    ],
)
def test_a_bad_message_is_named(change: dict[str, Any], field: str) -> None:
    with pytest.raises(BadTranscript) as caught:
        list(told_by_lines(lines(HEADER, {**MESSAGE, **change}), "t.jsonl"))

    assert (caught.value.where, caught.value.field) == ("t.jsonl:2", field)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"size": 0}, "size"),
        ({"work_hours": "nine to five"}, "work_hours"),
        ({"timezone": "Asia/Atlantis"}, "timezone"),
    ],
)
def test_a_bad_header_is_named(change: dict[str, Any], field: str) -> None:
    with pytest.raises(BadTranscript) as caught:
        list(told_by_lines(lines({**HEADER, **change}), "t.jsonl"))

    assert (caught.value.where, caught.value.field) == ("t.jsonl:1", field)


@pytest.mark.parametrize("line", ["not json", "[1]", '"text"'])
def test_a_line_that_is_no_object_is_named(line: str) -> None:
    with pytest.raises(BadTranscript, match=r"t\.jsonl:2"):
        list(told_by_lines([*lines(HEADER), line], "t.jsonl"))


def test_an_error_shows_no_word_of_the_message() -> None:
    with pytest.raises(BadTranscript) as caught:
        list(told_by_lines(lines(HEADER, {**MESSAGE, "type": "dance"}), "t.jsonl"))

    assert "报数" not in str(caught.value)


def test_csv_needs_four_columns_and_makes_its_groups() -> None:
    rows = ["group,sender,sent_at,text\n", "一镇,张,2026-10-12T08:41:10+08:00,各村报数\n"]

    group, message = told_by_csv(rows, "t.csv")

    assert isinstance(group, GroupProfile)
    assert group.code == "一镇"
    assert isinstance(message, IncomingMessage)
    assert message.key


@pytest.mark.parametrize(
    ("rows", "where", "field"),
    [
        (["group,sender,text\n"], "t.csv:1", "sent_at"),
        (["group,sender,sent_at,text,mood\n"], "t.csv:1", "columns"),
        (["group,sender,sent_at,text\n", "g,s\n"], "t.csv:2", "line"),
        (["group,sender,sent_at,text\n", "g,s,soon,t\n"], "t.csv:2", "sent_at"),
    ],
)
def test_bad_csv_is_named(rows: list[str], where: str, field: str) -> None:
    with pytest.raises(BadTranscript) as caught:
        list(told_by_csv(rows, "t.csv"))

    assert (caught.value.where, caught.value.field) == (where, field)


async def test_a_file_is_a_source(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text("\ufeff" + "\n\n".join(lines(HEADER, MESSAGE)), "utf-8")

    told = [one async for one in TranscriptFile(path)]

    assert len(told) == 2


def test_a_file_that_is_not_there_or_not_text_is_named(tmp_path: Path) -> None:
    tmp_path.joinpath("raw.jsonl").write_bytes(b"\xff\xfe\x00")

    for name in ("gone.jsonl", "raw.jsonl"):
        with pytest.raises(BadTranscript, match=name):
            list(read_transcript(tmp_path / name))
