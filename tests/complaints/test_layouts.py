"""One size each, whatever is inside; and back again."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.complaints import (
    MOST_ANSWER_CHARACTERS,
    MOST_CHARACTERS,
    Answer,
    CaseState,
    Category,
    ClosingReason,
    Complaint,
    Remedy,
)
from bot.domain.groups import UnitCode
from bot.domain.private import NO_TEXT, PrivateText
from bot.domain.sealed_notes import (
    ANSWER_BYTES,
    NOTE_BYTES,
    UNIT_BYTES,
    Note,
    NoteKind,
    decode_answer,
    decode_note,
    decode_unit,
    encode_answer,
    encode_note,
    encode_unit,
)
from tests.complaints.house import WEEK

WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=MOST_CHARACTERS)


@given(WORDS.filter(str.strip), st.sampled_from(Category), st.booleans())
def test_a_note_has_one_size_and_is_read_back(words, category, counts):
    note = Note(NoteKind.COMPLAINT, WEEK, PrivateText(words), category, counts)

    plain = encode_note(note)

    assert len(plain) == NOTE_BYTES
    assert decode_note(plain) == note


@pytest.mark.parametrize("kind", NoteKind)
def test_every_kind_of_note_has_this_size(kind):
    note = Note(kind, WEEK, of=b"\xff" * 16)

    assert len(encode_note(note)) == NOTE_BYTES
    assert decode_note(encode_note(note)) == note


def test_the_longest_text_of_the_widest_characters_fits():
    widest = Note(
        NoteKind.COMPLAINT, WEEK, PrivateText("𠀀" * MOST_CHARACTERS), Category.SCREENSHOT_REPORT,
        True, b"\xff" * 16,
    )  # fmt: skip

    assert decode_note(encode_note(widest)) == widest


@pytest.mark.parametrize("words", ["", " \n　", "字" * (MOST_CHARACTERS + 1)])
def test_what_is_blank_or_too_long_is_no_complaint(words):
    with pytest.raises(ValueError, match="2000"):
        Complaint(Category.OTHER, UnitCode(""), PrivateText(words), True, WEEK)


@given(st.text(max_size=64).filter(lambda code: len(code.encode("utf-8", "ignore")) <= 200))
def test_a_unit_label_has_one_size(code):
    plain = encode_unit(UnitCode(code), WEEK)

    assert len(plain) == UNIT_BYTES
    assert decode_unit(plain) == code.encode("utf-8", "replace").decode()


def test_an_answer_and_no_answer_have_one_size():
    answer = Answer(
        "清川县基层减负专班", CaseState.CLOSED, WEEK, PrivateText("好" * MOST_ANSWER_CHARACTERS),
        ClosingReason.REMEDIED, Remedy.DEADLINE_MOVED,
    )  # fmt: skip

    assert len(encode_answer(answer, WEEK)) == len(encode_answer(None, WEEK)) == ANSWER_BYTES
    assert decode_answer(encode_answer(answer, WEEK)) == answer
    assert decode_answer(encode_answer(None, WEEK)) is None


@given(st.binary(max_size=80).map(lambda head: head.ljust(NOTE_BYTES, b"\0")))
def test_what_is_no_layout_is_refused_and_nothing_else_happens(plain):
    with pytest.raises(ValueError):
        decode_note(plain)


def test_something_hidden_in_the_padding_is_refused():
    plain = bytearray(encode_note(Note(NoteKind.DUMMY, WEEK)))
    plain[-1] = 1

    with pytest.raises(ValueError, match="zeros"):
        decode_note(bytes(plain))


def test_another_version_is_refused():
    head = json.dumps({"v": 2, "week": str(WEEK), "kind": "dummy"}).encode()
    plain = (len(head).to_bytes(2, "big") + head + b"\0\0").ljust(NOTE_BYTES, b"\0")

    with pytest.raises(ValueError, match="version 1"):
        decode_note(plain)


def test_no_representation_shows_the_words():
    note = Note(NoteKind.COMPLAINT, WEEK, PrivateText("不能看到的话"), Category.OTHER)

    assert "不能看到" not in repr(note)
    assert note.text != NO_TEXT
