"""Acts, episodes and moments: what a message does depends on what went before it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.episodes import Episode, GroupMemory
from bot.domain.groups import GroupCode, GroupProfile, LineCode, UnitCode
from bot.domain.judgement import Judgement
from bot.domain.judging import DOUBT, PLAINLY, Judge
from bot.domain.messages import Conversation, Form, IncomingMessage, Route
from bot.domain.moments import moment_of
from bot.domain.opening import opened_by
from bot.domain.periods import Week
from bot.domain.private import Opaque, PrivateText
from bot.domain.pseudonyms import KEY_BYTES, WeekKey
from bot.domain.reading import Reading
from bot.domain.second_look import AGAIN_TRAITS, again_traits
from bot.domain.traits import TRAIT_BIT
from bot.domain.vocabulary import KINDS, Act, Exemption, Kind, Lead
from bot.domain.voting import NO_VOTE, Model
from bot.domain.work_calendar import OfficeHours
from config.calendar import load_calendar
from config.rulebook import load_rulebook

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 10, 12, 8, 40, tzinfo=SHANGHAI)
GROUP = GroupProfile(
    GroupCode("g1"), "青石镇工作群", UnitCode("u"), LineCode("l"), 46, SHANGHAI,
    OfficeHours.parse("08:30-12:00,14:30-18:00"),
)  # fmt: skip
JUDGE = Judge(load_rulebook(), load_calendar())
Said = tuple[str, int, str]  # who, minutes after Monday 08:40, what

BUSY_DAY: tuple[Said, ...] = (
    ("boss", 0, "@所有人 各村今天下班前把防汛台账报镇应急办，附巡查照片两张"),
    ("v1", 3, "收到"),
    ("v2", 5, "1. 王家村 已报"),
    ("v3", 20, "这个台账还要不要盖章？"),
    ("boss", 200, "防汛台账还差李家村、张家村、赵家村，抓紧报"),
    ("v4", 210, "又要台账又要照片，一天光干这个了[捂脸]"),
    ("desk", 300, "请各村书记周三上午9点到镇二楼会议室开会，带笔记本"),
    ("v1", 305, "收到"),
    ("desk", 400, "周三上午的会议取消，时间另行通知"),
    ("boss", 1440, "今天的台账照旧，下班前报"),
    ("boss", 1460, "没报照片的也补上"),
)


def key_of(week: Week, secret: int = 7) -> WeekKey:
    return WeekKey(week, bytes([secret]) * KEY_BYTES)


def message(who: str, minutes: int, text: str, number: int, **more: object) -> IncomingMessage:
    return IncomingMessage(
        platform="transcript",
        account="t",
        route=Route.TRANSCRIPT,
        key=Opaque(f"key-{number:04d}"),
        conversation=Conversation(is_group=True, id=Opaque("g1")),
        sender=Opaque(who),
        sent_at=MONDAY + timedelta(minutes=minutes),
        text=PrivateText(text),
        mentions_all="@所有人" in text,
        **more,  # type: ignore[arg-type]
    )


def read(one: IncomingMessage, secret: int = 7, judge: Judge = JUDGE) -> Reading:
    week = Week.of(one.sent_at, SHANGHAI)
    keys = key_of(week, secret)
    return judge.read(
        one,
        GROUP,
        tag=keys.message_tag("t", "t", "t", one.key),
        sender_tag=keys.sender_tag("t", "t", "g1", one.sender),
        sketch_keys=(keys, key_of(week.shifted(-1), secret)),
    )


def judged(said: Iterable[Said], secret: int = 7) -> list[Judgement]:
    memory = GroupMemory.EMPTY
    found = []
    for number, (who, minutes, text) in enumerate(said):
        judgement, memory = JUDGE.judge(
            read(message(who, minutes, text, number), secret), memory, GROUP
        )
        found.append(judgement)
    return found


def test_a_day_of_a_town_is_read_as_people_would_read_it() -> None:
    acts = [judgement.act for judgement in judged(BUSY_DAY)]

    assert acts == [
        Act.DEMAND, Act.NONE, Act.NONE, Act.NONE, Act.REMINDER, Act.NONE, Act.DEMAND, Act.NONE,
        Act.CANCEL, Act.DEMAND, Act.REMINDER,
    ]  # fmt: skip


def test_kinds_are_what_the_notice_asks_for() -> None:
    judgement = judged(BUSY_DAY)[0]

    assert set(judgement.kinds) == {Kind.FORM_FILLING, Kind.SCREENSHOT_REPORT}


def test_a_reminder_belongs_to_its_notice_and_a_new_day_opens_anew() -> None:
    notice, reminder, again = (judged(BUSY_DAY)[n] for n in (0, 4, 9))

    assert reminder.episode == notice.episode
    assert notice.opens
    assert not reminder.opens
    assert again.opens
    assert again.episode != notice.episode


def test_a_reminder_that_names_three_is_a_ranking_too() -> None:
    assert Kind.RANKING in judged(BUSY_DAY)[4].kinds


def test_a_cancellation_closes_the_episode_it_speaks_of() -> None:
    results = judged(BUSY_DAY)

    assert results[8].episode == results[6].episode
    assert results[8].kinds == ()
    assert not results[8].ping


def test_a_deadline_is_a_moment_on_the_wall_of_the_group() -> None:
    notice = judged(BUSY_DAY)[0]

    assert notice.deadline == MONDAY.replace(hour=18, minute=0)
    assert notice.lead is not Lead.NONE


def test_a_burden_at_night_is_off_hours() -> None:
    (judgement,) = judged([("boss", 14 * 60, "@所有人 明早8点前把转移人数报我")])

    assert judgement.ping
    assert judgement.off_hours


def test_an_emergency_is_counted_apart_and_a_claim_is_only_a_claim() -> None:
    flood, claim = judged([
        ("boss", 0, "@所有人 启动防汛三级应急响应，各村干部立即到岗，到了在群里报到"),
        ("desk", 600, "紧急通知：各单位今天下班前报送三季度总结"),
    ])  # fmt: skip

    assert flood.exempt is Exemption.EMERGENCY
    assert claim.exempt is None
    assert claim.claimed_urgent


@pytest.mark.parametrize("form", [Form.IMAGE, Form.VIDEO, Form.LOCATION, Form.SYSTEM])
def test_pictures_and_system_lines_ask_for_nothing(form: Form) -> None:
    reading = read(message("v1", 0, "[图片]", 1, form=form))

    assert JUDGE.judge(reading, GroupMemory.EMPTY, GROUP)[0] == Judgement()


def test_a_call_on_one_person_is_a_ping_and_no_demand() -> None:
    one = message("boss", 0, "@李四 明天那个材料你带一下", 1, mentions=(Opaque("v4"),))

    judgement, memory = JUDGE.judge(read(one), GroupMemory.EMPTY, GROUP)

    assert judgement.act is Act.NONE
    assert judgement.ping
    assert memory is GroupMemory.EMPTY


def test_a_plain_reply_leaves_memory_untouched() -> None:
    _, memory = JUDGE.judge(read(message("boss", 0, BUSY_DAY[0][2], 0)), GroupMemory.EMPTY, GROUP)

    judgement, after = JUDGE.judge(read(message("v1", 1, "收到", 1)), memory, GROUP)

    assert judgement == Judgement()
    assert after is memory


def test_a_notice_that_comes_after_its_reminder_adopts_it() -> None:
    late = read(message("boss", 0, "各村下班前把防汛台账和照片报应急办", 1))
    early = read(message("boss", 1, "防汛台账和照片还差三家没报，抓紧", 2))

    orphan, memory = JUDGE.judge(early, GroupMemory.EMPTY, GROUP)
    notice, memory = JUDGE.judge(late, memory, GROUP)

    if orphan.act is Act.REMINDER:
        assert notice.episode == orphan.episode
        assert not notice.opens
        assert len(memory.episodes) == 1


def test_a_reading_holds_no_words_no_names_and_no_ids() -> None:
    one = message("张三", 0, "@所有人 各村下班前把防汛台账报镇应急办", 17)

    shown = repr(read(one))

    assert not any("\u4e00" <= character <= "\u9fff" for character in shown)
    assert "key-0017" not in shown
    assert not any(isinstance(value, str) for value in read(one))


def test_judging_again_from_stored_episodes_changes_nothing() -> None:
    """After a crash the next process has nothing but the encoded episodes."""
    straight, restarted = GroupMemory.EMPTY, GroupMemory.EMPTY
    for number, (who, minutes, text) in enumerate(BUSY_DAY):
        reading = read(message(who, minutes, text, number))
        one, straight = JUDGE.judge(reading, straight, GROUP)
        other, restarted = JUDGE.judge(reading, restarted, GROUP)
        restarted = GroupMemory.of(Episode.decode(e.encode()) for e in restarted.episodes)

        assert one == other
        assert straight == restarted


PHRASES = (
    "收到", "各村今天下班前报台账", "还差三家没报", "照旧", "截图发群里", "明天9点开会", "会议取消",
    "这个还要吗？", "@所有人 接龙", "王家村 李家村 赵家村", "又要填表", "请大家下载app", "不用报了",
)  # fmt: skip
CHATS = st.lists(
    st.tuples(st.sampled_from(("a", "b", "c")), st.integers(0, 6000), st.sampled_from(PHRASES)),
    max_size=25,
).map(lambda said: sorted(said, key=lambda one: one[1]))


@settings(max_examples=60, deadline=None)
@given(CHATS)
def test_any_chat_survives_a_restart_after_each_message(said: list[Said]) -> None:
    straight, restarted = GroupMemory.EMPTY, GroupMemory.EMPTY
    for number, (who, minutes, text) in enumerate(said):
        reading = read(message(who, minutes, text, number))
        one, straight = JUDGE.judge(reading, straight, GROUP)
        other, restarted = JUDGE.judge(reading, restarted, GROUP)
        restarted = GroupMemory.of(Episode.decode(e.encode()) for e in restarted.episodes)
        assert one == other


@settings(max_examples=40, deadline=None)
@given(CHATS)
def test_what_is_judged_does_not_depend_on_the_keys(said: list[Said]) -> None:
    def shape(judgement: Judgement) -> tuple[object, ...]:
        return judgement.act, judgement.kinds, judgement.ping, judgement.opens, judgement.deadline

    assert [*map(shape, judged(said, 7))] == [*map(shape, judged(said, 8))]


def test_judgement_keeps_its_promises_on_every_message() -> None:
    for judgement in judged(BUSY_DAY * 1):
        assert judgement.act.is_burden or not judgement.kinds
        assert judgement.ping or not judgement.act.is_burden
        assert judgement.deadline is None or judgement.act.is_burden
        assert judgement.episode is not None or not judgement.act.is_burden
        assert judgement.ping or not judgement.off_hours


def test_a_reminder_that_answers_an_older_notice_belongs_to_that_notice() -> None:
    notice = message("boss", 0, "各村下班前把防汛台账报应急办", 1)
    other = message("boss", 30, "各村今天17点前报人居环境照片，每处两张", 2)
    pressing = message("boss", 40, "还差三家，抓紧", 3, reply_to=notice.key)

    first, memory = JUDGE.judge(read(notice), GroupMemory.EMPTY, GROUP)
    second, memory = JUDGE.judge(read(other), memory, GROUP)
    third, _ = JUDGE.judge(read(pressing), memory, GROUP)

    assert third.act is Act.REMINDER
    assert third.episode == first.episode != second.episode


def test_what_is_pressed_for_by_name_is_of_its_notice_s_kinds() -> None:
    notice = message("boss", 0, "各村下班前把防汛台账报应急办", 1)
    pressing = message("boss", 90, "还差李家村、张家村、赵家村", 2)

    first, memory = JUDGE.judge(read(notice), GroupMemory.EMPTY, GROUP)
    second, _ = JUDGE.judge(read(pressing), memory, GROUP)

    assert second.episode == first.episode
    assert set(first.kinds) <= set(second.kinds)


def test_without_a_model_an_episode_still_hands_its_kinds_on() -> None:
    plain = Judge(load_rulebook(model=NO_VOTE), load_calendar())
    notice = read(message("boss", 0, "各村下班前把防汛台账报应急办", 1))
    pressing = read(message("boss", 30, "抓紧", 2))
    episode = opened_by(notice, 0b1000, Act.DEMAND, emergency=False)
    moment = moment_of(pressing, GroupMemory.of([episode]), plain.bits)

    links = plain.links_of(pressing, moment)

    assert links[0].episode == episode
    assert plain.beside_of(pressing, links, Act.REMINDER)[0] == "pressed"


def test_what_the_second_look_sees_stands_in_the_order_of_its_weights() -> None:
    notice = read(message("boss", 0, "各村下班前把防汛台账报应急办", 1))
    pressing = read(message("boss", 30, "还差李家村、张家村，下班前报", 2))
    memory = GroupMemory.of([opened_by(notice, 0b1000, Act.DEMAND, emergency=False)])
    links = JUDGE.links_of(pressing, moment_of(pressing, memory, JUDGE.bits))

    assert tuple(again_traits(pressing, 0.0, links, JUDGE.bits)) == AGAIN_TRAITS


def told_by(demand: int, kind: int, text: str) -> Judgement:
    """What is made of a message when the vote says so much for a demand, and for check_in, whatever
    its words; thousandths of log-odds."""
    kinds = [kind if each is Kind.CHECK_IN else -3000 for each in KINDS]
    model = Model("made", bias=(0, demand, -9000, -9000, *kinds))
    judge = Judge(load_rulebook(model=model), load_calendar())
    reading = judge.read(
        message("boss", 0, text, 1), GROUP, tag=b"t" * 16, sender_tag=b"s" * 16,
        sketch_keys=(key_of(Week.of(MONDAY, SHANGHAI)),),
    )  # fmt: skip
    return judge.judge(reading, GroupMemory.EMPTY, GROUP)[0]


SOMETHING = "大伙儿心里都要明白"


def test_a_likely_demand_of_no_likely_kind_is_of_the_nearest() -> None:
    judgement = told_by(2500, -400, SOMETHING)

    assert judgement.act is Act.DEMAND
    assert judgement.kinds == (Kind.CHECK_IN,)


def test_what_asks_for_nothing_of_any_kind_must_sound_like_a_demand_by_far() -> None:
    assert told_by(2500, -600, SOMETHING).act is Act.NONE
    assert told_by(3500, -600, SOMETHING).act is Act.DEMAND
    assert told_by(3500, -600, SOMETHING).kinds == ()


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("请各村下班前把防汛台账报应急办", DOUBT * PLAINLY),
        ("桌上那三张纸中午要齐", DOUBT),
        ("一位网格员说，请各村每天下班前报截图", DOUBT),
    ],
)
def test_of_a_stranger_only_a_plain_order_is_doubted_less(text: str, doubt: float) -> None:
    said = read(message("stranger", 0, text, 1))

    assert JUDGE.doubt(said, moment_of(said, GroupMemory.EMPTY, JUDGE.bits)) == doubt


def test_an_order_in_an_emergency_needs_no_kind() -> None:
    judgement = told_by(2500, -400, "后山着火了")

    assert (judgement.act, judgement.kinds) == (Act.DEMAND, ())
    assert judgement.exempt is Exemption.EMERGENCY


FIRE = "@所有人 后山起火，各村应急分队马上带工具到电站集合，林业站带路"
IN_SHORT = "卫生院的车开到村部等着"


@pytest.mark.parametrize(
    ("who", "later", "heard"),
    [
        ("boss", 10, ("emergency.now", "emergency.mine")),
        ("deputy", 10, ("emergency.now",)),
        ("boss", 240, ()),
        ("boss", -30, ()),  # it came in late, and was said before
    ],
)
def test_an_emergency_speaks_for_three_hours(who: str, later: int, heard: tuple[str, ...]) -> None:
    _, memory = JUDGE.judge(read(message("boss", 0, FIRE, 1)), GroupMemory.EMPTY, GROUP)
    traits = moment_of(read(message(who, later, IN_SHORT, 2)), memory, JUDGE.bits).traits

    told = {name for name in ("emergency.now", "emergency.mine") if traits & TRAIT_BIT[name]}
    assert told == set(heard)
