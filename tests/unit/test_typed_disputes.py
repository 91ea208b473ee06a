"""What somebody types behind /误报: an id and kinds, in whatever order and however parted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.disputes import public_id
from bot.domain.typed_disputes import TypedDispute, typed_dispute, words_of
from bot.domain.vocabulary import KINDS, Kind
from config.filings_file import filing_vocabulary
from config.load import LOCALES, load_texts

KNOWN = filing_vocabulary().kinds
FORM, SCREENSHOT, CHECK_IN = Kind.FORM_FILLING, Kind.SCREENSHOT_REPORT, Kind.CHECK_IN
BETWEEN = (" ", "、", ", ", "，", "  ")


def read(argument: str) -> TypedDispute:
    return typed_dispute(words_of(argument), KNOWN)


@pytest.mark.parametrize(
    ("argument", "kinds"),
    [
        ("28T5CY", ()),
        ("28T5CY 填表报数", (FORM,)),
        ("28T5CY填表报数", (FORM,)),
        ("填表报数 28T5CY", (FORM,)),
        ("28T 5CY 填表报数、截图上报", (SCREENSHOT, FORM)),
        ("28T5CY，填表报数，截图上报，填表报数", (SCREENSHOT, FORM)),
        ("28T5CY form_filling Check_In", (CHECK_IN, FORM)),
        ("28T5CY forms and figures, screenshot proof", (SCREENSHOT, FORM)),
        ("28T5CY 填表 接龙", (CHECK_IN, FORM)),
        ("28T5CY 填表報數、截圖", (SCREENSHOT, FORM)),
        ("28T5CY pledge", (Kind.PLEDGE,)),
        ("28T5CY “填表报数”。", (FORM,)),
        ("28T5CY（填表报数）", (FORM,)),
        ("28T5CY(截图上报、填表报数)", (SCREENSHOT, FORM)),
        ("28T5CY：填表报数！", (FORM,)),
        ("28T5CY: forms and figures.", (FORM,)),
        ("会议 28T5CY 督检考", (Kind.MEETING, Kind.INSPECTION)),
    ],
)
def test_an_id_and_kinds_are_read(argument: str, kinds: tuple[Kind, ...]) -> None:
    assert read(argument) == TypedDispute("28T5CY", kinds)


@pytest.mark.parametrize(
    ("argument", "typed"),
    [
        ("28T5CY 各村", TypedDispute("28T5CY", (), ("各村",))),
        ("28T5CY 填表报数 报", TypedDispute("28T5CY", (FORM,), ("报",))),
        ("28T5CY 上报数", TypedDispute("28T5CY", (), ("上报数",))),
        ("28T5CY forms", TypedDispute("28T5CY", (), ("forms",))),
        ("各村", TypedDispute("各村")),
        ("填表报数", TypedDispute("", (FORM,))),
        ("pledge", TypedDispute("", (Kind.PLEDGE,))),
        ("", TypedDispute("")),
        (" 、，", TypedDispute("")),
    ],
)
def test_what_is_neither_is_said(argument: str, typed: TypedDispute) -> None:
    assert read(argument) == typed


@given(
    st.binary(min_size=16, max_size=16),
    st.sets(st.sampled_from(Kind)),
    st.sampled_from(LOCALES),
    st.sampled_from(BETWEEN),
    st.booleans(),
)
def test_what_the_bot_calls_a_kind_is_read_by_it(
    tag: bytes, kinds: set[Kind], locale: str, between: str, is_first: bool
) -> None:
    texts, id_ = load_texts(locale), public_id(tag)
    names = between.join(texts(f"measures.name.{kind}") for kind in kinds)
    written = f"{id_} {names}" if is_first else f"{names} {id_}"

    assert read(written) == TypedDispute(id_, tuple(kind for kind in KINDS if kind in kinds))
