"""The conversation about a complaint, step by step, with nobody in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.complaint_dialogue import (
    LASTS_FOR,
    NEXT_PAGE,
    UNITS_A_PAGE,
    Dialogue,
    Say,
    Stage,
    Surroundings,
    add_to,
    begin,
    coarse_units,
    is_menu_answer,
    proceed,
)
from bot.domain.complaints import Category
from bot.domain.groups import GroupCode, GroupProfile, LineCode, UnitCode
from bot.domain.receipts import Receipt
from bot.domain.work_calendar import OfficeHours

NOW = datetime(2026, 10, 16, 2, 0, tzinfo=UTC)
UNITS = (UnitCode("东街镇"), UnitCode("西河镇"))
PLAIN = "每天都要截图上报好几遍，没有时间做事"
TELLING = "李书记在10月14日晚上九点半要我补照片"
AROUND = Surroundings(
    units=UNITS,
    zone=ZoneInfo("Asia/Shanghai"),
    accuses=lambda text: "贪污" in text,
    is_personal=lambda text: "主任" in text,
    take_out=lambda text, found: "某人要我补照片",
)


def walked(*answers: str, around: Surroundings = AROUND) -> tuple[Say, Dialogue | None]:
    step = begin(NOW)
    for answer in answers:
        assert step.dialogue is not None
        step = proceed(step.dialogue, answer, NOW, around)
    return step.say, step.dialogue


def test_it_begins_with_the_notice_and_takes_no_word_before_it_was_agreed_to() -> None:
    say, dialogue = walked(PLAIN)

    assert begin(NOW).say is Say.NOTICE
    assert (say, dialogue and dialogue.stage) == (Say.AGAIN, Stage.NOTICE)
    assert dialogue is not None
    assert not dialogue.text


def test_a_text_that_gives_nothing_away_goes_straight_to_be_confirmed_and_sent() -> None:
    say, dialogue = walked("1", "3", "2", PLAIN, "1")

    assert dialogue is not None
    assert (say, dialogue.stage) == (Say.SEND, Stage.SENDING)
    assert (dialogue.category, dialogue.unit) == (Category.FORM_FILLING, "西河镇")
    assert dialogue.text.reveal() == PLAIN


@pytest.mark.parametrize(
    ("choice", "sent"),
    [("1", "某人要我补照片"), ("换掉", None), ("3", TELLING), ("照发", TELLING)],
)
def test_what_gives_the_writer_away_is_shown_and_taken_out_or_left(
    choice: str, sent: str | None
) -> None:
    say, shown = walked("1", "1", "0", TELLING)
    after, dialogue = walked("1", "1", "0", TELLING, choice)

    assert (say, shown and bool(shown.found)) == (Say.CHECK, True)
    assert dialogue is not None
    if sent is None:
        assert after is Say.AGAIN
    else:
        assert (after, dialogue.text.reveal()) == (Say.CONFIRM, sent)


@pytest.mark.parametrize("answers", [("2",), ("1", "2")])
def test_it_can_be_written_again(answers: tuple[str, ...]) -> None:
    start = ("1", "1", "0", TELLING)
    _, dialogue = walked(*start, *answers)

    assert dialogue is not None
    assert (dialogue.stage, bool(dialogue.text)) == (Stage.TEXT, False)


@pytest.mark.parametrize(
    "word",
    [
        "取消",
        "退出。",
        "算了",
        " CANCEL ",
        "ｑｕｉｔ",
        "不写了！",
        "我不想投诉了",
        "还是先不说了吧",
        "取消这次反映",
        "那就算了，谢谢",
        "不要了",
    ],
)
@pytest.mark.parametrize(
    "before",
    [(), ("1",), ("1", "1"), ("1", "1", "0"), ("1", "1", "0", TELLING), ("1", "1", "0", PLAIN)],
    ids=["notice", "category", "unit", "text", "check", "confirm"],
)
def test_a_word_ends_it_at_any_point(before: tuple[str, ...], word: str) -> None:
    assert walked(*before, word) == (Say.CANCELLED, None)


@pytest.mark.parametrize(
    "text", ["我不想再填这些表了，每天三张", "要求取消日报制度，太多了", "不要投诉"]
)
def test_a_tale_that_speaks_of_ending_something_ends_nothing(text: str) -> None:
    say, _ = walked("1", "1", "0", text + "，我们已经说过几回")

    assert say is not Say.CANCELLED


def test_no_to_a_question_ends_nothing() -> None:
    """不要 may mean: do not take it out; what was written would be lost."""
    say, dialogue = walked("1", "1", "0", TELLING, "不要")

    assert say is Say.AGAIN
    assert dialogue is not None
    assert dialogue.text


def test_about_somebody_and_no_work_it_is_asked_again_and_not_taken() -> None:
    say, dialogue = walked("1", "1", "0", "主任的弟弟把路灯包下来了")

    assert say is Say.PERSONAL
    assert dialogue is not None
    assert dialogue.stage is Stage.TEXT
    assert not dialogue.text


def test_an_accusation_is_not_taken_and_the_burden_may_be_told_without_it() -> None:
    say, dialogue = walked("1", "1", "0", "他贪污了我们的补贴款")

    assert dialogue is not None
    assert (say, dialogue.stage, bool(dialogue.text)) == (Say.ACCUSATION, Stage.TEXT, False)


@pytest.mark.parametrize(
    ("text", "say"),
    [("太累", Say.TOO_SHORT), ("累" * 2001, Say.TOO_LONG), ("累" * 2000, Say.CONFIRM)],
)
def test_a_text_has_two_thousand_characters_at_most(text: str, say: Say) -> None:
    assert walked("1", "1", "0", text)[0] is say


def test_invisible_marks_are_not_sent() -> None:
    _, dialogue = walked("1", "1", "0", "天天\u200b截图\ufeff受不了")

    assert dialogue is not None
    assert dialogue.text.reveal() == "天天截图受不了"


@pytest.mark.parametrize("stage", list(Stage))
def test_a_picture_is_refused_and_nothing_is_lost(stage: Stage) -> None:
    dialogue = Dialogue(stage, NOW + LASTS_FOR)

    step = proceed(dialogue, "[图片]", NOW, AROUND, is_text=False)

    assert step.dialogue == dialogue
    assert step.say is (Say.WAIT if stage is Stage.SENDING else Say.TEXT_ONLY)


def test_while_it_is_sent_nothing_sends_it_twice() -> None:
    _, dialogue = walked("1", "1", "0", PLAIN, "1")
    assert dialogue is not None

    assert proceed(dialogue, "1", NOW, AROUND).say is Say.WAIT


@pytest.mark.parametrize(
    ("said", "stage"),
    [
        ("1", Stage.CATEGORY),
        ("１", Stage.CATEGORY),
        ("1 同意", Stage.CATEGORY),
        ("1、同意。", Stage.CATEGORY),
        ("同意", Stage.CATEGORY),
        ("选1", Stage.CATEGORY),
        ("一", Stage.CATEGORY),
        ("yes", Stage.CATEGORY),
        ("1 不同意", Stage.NOTICE),
        ("11", Stage.NOTICE),
        ("我同意，领导让我", Stage.NOTICE),
    ],
)
def test_consent_is_read_generously_but_never_guessed(said: str, stage: Stage) -> None:
    _, dialogue = walked(said)

    assert dialogue is not None
    assert dialogue.stage is stage


@pytest.mark.parametrize("said", ["2", "不同意", "no"])
def test_who_does_not_agree_is_let_go(said: str) -> None:
    assert walked(said) == (Say.CANCELLED, None)


@pytest.mark.parametrize("said", ["0", "11", "99", "别的", "1.5"])
def test_a_category_that_is_not_on_the_list_is_asked_again(said: str) -> None:
    assert walked("1", said)[0] is Say.AGAIN


def test_where_no_unit_is_large_enough_none_is_asked_for() -> None:
    nobody = Surroundings((), AROUND.zone, AROUND.accuses, AROUND.is_personal, AROUND.take_out)

    assert walked("1", "10", around=nobody)[0] is Say.TEXT


def test_many_units_are_shown_page_by_page_and_chosen_by_one_number() -> None:
    many = tuple(UnitCode(f"单位{number}") for number in range(30))
    around = Surroundings(many, AROUND.zone, AROUND.accuses, AROUND.is_personal, AROUND.take_out)

    say, second = walked("1", "1", str(NEXT_PAGE), around=around)
    _, first_again = walked("1", "1", "更多", "更多", "next", around=around)
    _, chosen = walked("1", "1", str(UNITS_A_PAGE + 3), around=around)

    assert second is not None
    assert (say, second.page) == (Say.UNIT, 1)
    assert first_again is not None
    assert first_again.page == 0
    assert chosen is not None
    assert chosen.unit == many[UNITS_A_PAGE + 2]


def test_only_units_with_a_group_of_fifty_are_offered() -> None:
    def group(unit: str, size: int, retired: bool = False) -> GroupProfile:
        return GroupProfile(
            code=GroupCode(f"{unit}{size}"),
            alias="",
            unit=UnitCode(unit),
            line=LineCode("l"),
            size=size,
            zone=ZoneInfo("Asia/Shanghai"),
            hours=OfficeHours.parse("08:30-12:00,14:30-17:30"),
            retired=retired,
        )

    groups = [group("b", 50), group("a", 120), group("c", 49), group("d", 80, True)]

    assert coarse_units(groups) == ("a", "b")


def test_every_answer_gives_ten_more_minutes_until_there_are_words() -> None:
    later = NOW + timedelta(minutes=9)
    step = begin(NOW)
    assert step.dialogue is not None

    step = proceed(step.dialogue, "1", later, AROUND)

    assert step.dialogue is not None
    assert step.dialogue.until == later + LASTS_FOR


def test_words_are_held_ten_minutes_however_long_their_writer_hesitates() -> None:
    _, checked = walked("1", "1", "0", TELLING)
    assert checked is not None
    later = NOW + timedelta(minutes=9)

    again = proceed(checked, "什么意思", later, AROUND).dialogue
    confirmed = proceed(checked, "3", later, AROUND).dialogue

    assert {each.until for each in (again, confirmed) if each} == {NOW + LASTS_FOR}


class TestAddition:
    """More for a complaint that was told before."""

    receipt = Receipt("123456789012345678")

    def test_what_gives_nothing_away_is_sent_at_once(self) -> None:
        step = add_to(self.receipt, PLAIN, NOW, AROUND)

        assert step.dialogue is not None
        assert (step.say, step.dialogue.receipt) == (Say.SEND, self.receipt)

    def test_what_tells_who_it_was_is_asked_about_first(self) -> None:
        step = add_to(self.receipt, TELLING, NOW, AROUND)
        assert step.dialogue is not None

        after = proceed(step.dialogue, "1", NOW, AROUND)

        assert (step.say, after.say) == (Say.CHECK, Say.SEND)

    def test_an_accusation_is_not_added(self) -> None:
        assert add_to(self.receipt, "他贪污了我们的补贴款", NOW, AROUND).say is Say.ACCUSATION


@pytest.mark.parametrize("said", ["1", "2。", "取消", "1 同意", "３"])
def test_what_can_only_be_an_answer_is_known_without_its_question(said: str) -> None:
    assert is_menu_answer(said)


@pytest.mark.parametrize("said", ["好的", "谢谢", "12388", "在吗", "ok", "", "👍"])
def test_small_talk_is_no_answer(said: str) -> None:
    assert not is_menu_answer(said)


@given(
    st.lists(
        st.sampled_from(["1", "2", "3", "0", "99", "取消", "x", PLAIN, TELLING, ""]), max_size=12
    )
)
def test_whatever_is_said_words_come_only_after_consent_and_go_at_the_end(said: list[str]) -> None:
    step = begin(NOW)
    agreed = False
    for answer in said:
        if step.dialogue is None:
            break
        agreed |= step.dialogue.stage is Stage.NOTICE and answer == "1"
        step = proceed(step.dialogue, answer, NOW, AROUND)
        held = step.dialogue is not None and bool(step.dialogue.text)
        assert agreed or not held
        if step.say is Say.SEND:
            assert held
        assert PLAIN not in repr(step)
        assert TELLING not in repr(step)
