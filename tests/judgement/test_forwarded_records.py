"""A forwarded chat record is one demand at most, and the forwarder's words beside it are its part."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.episodes import MOST_OPEN, Episode, GroupMemory
from bot.domain.judgement import Judgement
from bot.domain.messages import Form, Forwarded, IncomingMessage
from bot.domain.private import Opaque, PrivateText
from bot.domain.relaying import MOST_ZONES, points_aside
from bot.domain.traces import Level
from bot.domain.vocabulary import Act, Kind
from tests.judgement.test_judging import GROUP, JUDGE, MONDAY, SHANGHAI, message, read

LEDGER = "各乡镇明天18:00前把防溺水隐患排查台账报送县应急局，附现场照片"
MEETING = "@所有人 请各镇街分管领导周三上午9点到县会议中心参加防汛调度会"
TALK = ("大家辛苦", "收到", "这个还要截图吗？", "中午食堂有红烧肉")
BOTH = (Kind.SCREENSHOT_REPORT, Kind.FORM_FILLING)


def forwarded(
    *words: str, at: int = 0, number: int = 1, who: str = "liaison", said: int | None = None,
    beside: str = "", **more: object,
) -> IncomingMessage:  # fmt: skip
    """A record that `who` forwards `at` so many minutes after Monday 08:40, said at `said`."""
    said_at = None if said is None else MONDAY + timedelta(minutes=said)
    record = tuple(
        Forwarded(PrivateText(one), said_at=said_at, mentions_all="@所有人" in one)
        for one in words
    )
    return message(who, at, beside, number, forwarded=record, **more)


def judged(*messages: IncomingMessage) -> list[Judgement]:
    return remembered(*messages)[0]


def remembered(*messages: IncomingMessage) -> tuple[list[Judgement], GroupMemory]:
    memory, found = GroupMemory.EMPTY, []
    for one in messages:
        judgement, memory = JUDGE.judge(read(one), memory, GROUP)
        found.append(judgement)
    return found, memory


def test_forwarding_an_upper_body_s_demand_is_a_demand() -> None:
    (found,) = judged(forwarded("大家辛苦", LEDGER, "收到", "收到"))

    assert (found.act, found.kinds, found.opens) == (Act.DEMAND, BOTH, True)
    assert found.ping
    assert found.passes_on == 1
    assert found.deadline == datetime(2026, 10, 13, 18, tzinfo=SHANGHAI)


def test_nobody_is_called_on_by_a_name_in_it_but_the_whole_group() -> None:
    named = Forwarded(PrivateText("@张三 " + LEDGER), mentions=(Opaque("张三"),))
    (found,) = judged(message("liaison", 0, "", 1, forwarded=(named,)))
    (everybody,) = judged(message("boss", 0, "@所有人 " + LEDGER, 1))

    assert found.addressed is everybody.addressed


@pytest.mark.parametrize(
    "words",
    [
        (),
        TALK,
        ("1. 王家村 已报", "2. 李家村 已报"),
        ("@李四 明天那个材料你带一下", "好的"),
        ("上级明确不得要求打卡截图",),
        ("还没报台账的乡镇抓紧，就差东山镇、西河镇了",),
    ],
    ids=["empty", "talk", "relay list", "one person", "prohibition", "a press of others"],
)
def test_a_record_without_a_demand_is_none_and_calls_on_nobody(words: tuple[str, ...]) -> None:
    assert judged(forwarded(*words)) == [Judgement()]


@pytest.mark.parametrize("form", [Form.IMAGE, Form.VIDEO, Form.LOCATION])
def test_a_record_of_pictures_is_none(form: Form) -> None:
    shown = Forwarded(PrivateText("[图片]"), form=form)
    assert judged(message("liaison", 0, "", 1, forwarded=(shown, shown))) == [Judgement()]


def test_several_demands_are_one_with_all_their_kinds_due_with_the_first() -> None:
    judgements, memory = remembered(forwarded(MEETING, "收到", LEDGER))

    (found,), (episode,) = judgements, memory.episodes
    assert found.kinds == (*BOTH, Kind.MEETING)
    assert found.deadline == datetime(2026, 10, 13, 18, tzinfo=SHANGHAI)
    assert found.passes_on == 0
    assert episode.deadline == int(found.deadline.timestamp()) // 60


@pytest.mark.parametrize("words", [(LEDGER, "收到"), (MEETING, LEDGER)])
def test_the_same_record_again_is_nothing_new(words: tuple[str, ...]) -> None:
    first = forwarded(*words, said=-5)
    again = forwarded(*words, said=-5, at=90, number=2, who="deputy")

    assert judged(first, again)[1] == Judgement()


def test_a_part_of_it_again_is_nothing_new() -> None:
    assert judged(forwarded(MEETING, LEDGER), forwarded(LEDGER, at=30, number=2))[1] == Judgement()


def test_what_this_group_heard_itself_is_nothing_new() -> None:
    own = message("boss", 0, LEDGER, 1)
    shown = forwarded(LEDGER, "收到", "防溺水台账还没报的村抓紧", said=0, at=600, number=2)

    assert judged(own, shown)[1] == Judgement()


def test_what_this_group_did_not_hear_counts_beside_what_it_heard() -> None:
    found = judged(message("boss", 0, LEDGER, 1), forwarded(LEDGER, MEETING, at=60, number=2))

    assert (found[1].opens, found[1].kinds, found[1].passes_on) == (True, (Kind.MEETING,), 1)


def test_the_same_words_said_anew_the_next_day_are_a_new_demand() -> None:
    daily = "请各镇今天17点前报送防火零报告"
    first, second = judged(
        forwarded(daily, said=-5), forwarded(daily, said=1435, at=1440, number=2)
    )

    assert first.opens
    assert second.opens
    assert second.episode != first.episode


def test_a_deadline_is_reckoned_from_when_it_was_said() -> None:
    (found,) = judged(forwarded("请各镇明天17点前报送防火台账", said=-1200))  # on Sunday

    assert found.deadline == datetime(2026, 10, 12, 17, tzinfo=SHANGHAI)


def test_what_was_due_before_it_was_forwarded_asks_nothing() -> None:
    late = forwarded("请各镇明天17点前报送防火台账", said=-3 * 1440)

    assert judged(late) == [Judgement()]


@pytest.mark.parametrize("said", [5, -60 * 1440, -400 * 1440])
def test_a_time_that_cannot_be_is_not_believed(said: int) -> None:
    """After it was forwarded, or so long ago that there may be no calendar for it."""
    (found,) = judged(forwarded(LEDGER, said=said))

    assert found.deadline == datetime(2026, 10, 13, 18, tzinfo=SHANGHAI)


def test_what_the_record_itself_calls_off_asks_nothing() -> None:
    called_off = forwarded(MEETING, "周三的防汛调度会取消，时间另行通知")

    assert judged(called_off)[0].act is not Act.DEMAND


def test_a_forwarded_cancellation_takes_back_what_this_group_was_asked() -> None:
    found = judged(
        forwarded(MEETING), forwarded("周三的防汛调度会取消，时间另行通知", at=60, number=2)
    )

    assert found[1].act is Act.CANCEL
    assert found[1].episode == found[0].episode


def test_a_demand_of_the_same_sort_is_its_part_at_once_and_another_one_later() -> None:
    own = "各村今天17点前把安全生产台账和照片报我"
    soon, later = (
        judged(forwarded(LEDGER), message("liaison", minutes, own, 2))[1] for minutes in (2, 8)
    )

    assert (soon.act, soon.opens) == (Act.DEMAND, False)
    assert later.opens


def test_the_same_demand_without_its_name_is_its_part_later_too() -> None:
    own = "大家今天17点前把台账和照片报我"
    soon, later = (
        judged(forwarded(LEDGER), message("liaison", minutes, own, 2))[1] for minutes in (2, 8)
    )

    for found in (soon, later):
        assert (found.act, found.opens) == (Act.DEMAND, False)


def test_words_that_announce_another_sort_of_thing_are_their_own_demand() -> None:
    own = message("liaison", 0, "转镇里通知：请各村书记周三上午9点到镇二楼会议室开会", 1)
    meeting, record = judged(own, forwarded(LEDGER, at=2, number=2))

    assert (meeting.kinds, record.kinds) == ((Kind.MEETING,), BOTH)
    assert meeting.opens
    assert record.opens


@pytest.mark.parametrize("words", ["请各村按此执行", "照这个报", "@所有人 按上面要求抓好落实"])
def test_words_after_it_are_its_part(words: str) -> None:
    record, beside = judged(forwarded(LEDGER), message("liaison", 1, words, 2))

    assert record.opens
    assert not beside.opens
    assert beside.act in (Act.NONE, Act.DEMAND)
    assert beside.ping


def test_a_nearer_deadline_after_it_is_its_part_and_is_remembered() -> None:
    own = message("liaison", 2, "照这个报，各村今天17点前报我", 2)
    (record, beside), memory = remembered(forwarded(LEDGER), own)

    assert (beside.act, beside.opens, beside.episode) == (Act.DEMAND, False, record.episode)
    (episode,) = memory.episodes
    assert episode.deadline == int(datetime(2026, 10, 12, 17, tzinfo=SHANGHAI).timestamp()) // 60


def test_another_demand_after_it_is_another() -> None:
    other = message("liaison", 3, "另外，明天上午9点全体村干部到镇里开会", 2)

    assert judged(forwarded(LEDGER), other)[1].opens


def test_another_s_words_after_it_are_theirs() -> None:
    record, other = judged(
        forwarded(LEDGER), message("v1", 1, "请各村按此执行，今天17点前报我", 2)
    )

    assert other.episode != record.episode or other.act is Act.REMINDER


def test_a_press_hours_later_is_a_reminder() -> None:
    press = message("liaison", 300, "防溺水隐患排查台账还没报的村抓紧", 2)
    record, found = judged(forwarded(LEDGER), press)

    assert (found.act, found.episode) == (Act.REMINDER, record.episode)


@pytest.mark.parametrize("words", ["转县应急局群里的通知，请各村照此报送台账", "@所有人 请各村按以下要求报送台账"])  # fmt: skip
def test_words_that_announce_it_and_the_record_are_one(words: str) -> None:
    judgements, memory = remembered(message("liaison", 0, words, 1), forwarded(LEDGER, at=1))

    before, record = judgements
    assert before.opens
    assert (record.act, record.opens, record.episode) == (Act.DEMAND, False, before.episode)
    assert record.kinds == BOTH
    assert len(memory.episodes) == 1
    again = forwarded(LEDGER, at=60, number=3)
    assert JUDGE.judge(read(again), memory, GROUP)[0] == Judgement()


def test_words_that_announce_it_and_ask_for_nothing_themselves_are_no_demand() -> None:
    judgements, memory = remembered(
        message("liaison", 0, "@所有人 请大家按以下要求执行", 1), forwarded(LEDGER, at=1)
    )

    before, record = judgements
    assert before.act is Act.NONE
    assert (record.act, record.opens, record.kinds) == (Act.DEMAND, True, BOTH)
    assert len(memory.episodes) == 1


def test_words_in_the_same_message_are_its_part() -> None:
    judgements, memory = remembered(
        forwarded(LEDGER, beside="@所有人 请各村周三上午9点来开会布置")
    )

    assert judgements[0].kinds == (*BOTH, Kind.MEETING)
    assert judgements[0].passes_on == 0
    assert len(memory.episodes) == 1


def test_whom_the_words_call_on_says_nothing_of_the_forwarder_s_level() -> None:
    (zone,) = read(forwarded(LEDGER)).inside

    assert zone.reading.trace is not None
    assert (zone.reading.trace.level, zone.reading.trace.passed_on) == (Level.UNTOLD, True)


@pytest.mark.parametrize(
    ("words", "points"),
    [
        ("请按此执行", True), ("照这个报", True), ("转县局通知", True), ("见下", True),
        ("收到", False), ("各村今天下班前报台账", False), ("照片发群里", False),
        ("大家转发一下公众号", False), ("请按此执行" + "，注意安全" * 20, False),
    ],
)  # fmt: skip
def test_short_words_may_point_at_what_stands_beside_them(words: str, points: bool) -> None:
    assert points_aside(words) is points


WORDS = st.sampled_from([LEDGER, MEETING, *TALK, "各村报数", "", " ", "\ud83d", "@", "截图" * 900])


@settings(max_examples=40, deadline=None)
@given(
    first=st.lists(WORDS, max_size=12),
    second=st.lists(WORDS, max_size=12),
    said=st.none() | st.integers(-3000, 10),
)
def test_any_record_is_one_demand_at_most_and_survives_the_books(
    first: Sequence[str], second: Sequence[str], said: int | None
) -> None:
    records = (
        forwarded(*first, said=said),
        forwarded(*second, said=said, at=5, number=2, who="other"),
    )
    found, memory = remembered(*records)

    assert all(len(read(one).inside) <= MOST_ZONES for one in records)
    assert sum(one.opens for one in found) == len(memory.episodes)
    for episode in memory.episodes:
        assert Episode.decode(episode.encode()) == episode
    assert judged(*records) == found


@given(st.permutations([LEDGER, *TALK]))
@settings(max_examples=20, deadline=None)
def test_the_order_of_a_record_changes_nothing_of_what_it_asks(words: Sequence[str]) -> None:
    (found,) = judged(forwarded(*words))

    assert (found.act, found.kinds, found.passes_on) == (Act.DEMAND, BOTH, words.index(LEDGER))


def test_a_record_as_long_as_platforms_allow_is_judged_by_a_few_of_its_messages() -> None:
    (found,) = judged(
        forwarded(*TALK * 24, LEDGER, LEDGER, *[f"{LEDGER}第{n}号" for n in range(9)])
    )

    assert found.opens
    assert found.kinds == BOTH


def test_a_record_that_came_long_after_newer_demands_is_still_one_demand() -> None:
    things = [one + other for one in "危校锅路井鱼果粮渡山" for other in "房车炉"]
    newer = [
        message(f"boss{n}", 600 + 20 * n, f"请各村周五前报送{thing}排查台账", n + 2)
        for n, thing in enumerate(things)
    ]
    _, memory = remembered(*newer)
    assert len(memory.episodes) == MOST_OPEN

    found, after = JUDGE.judge(read(forwarded(LEDGER)), memory, GROUP)

    assert (found.act, found.kinds, found.passes_on) == (Act.DEMAND, BOTH, 0)
    assert len(after.episodes) == MOST_OPEN
