"""What is asked every day at the same hour is known by the hour, and is about what it was about."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.domain.episodes import Episode, GroupMemory
from bot.domain.groups import GroupCode, GroupProfile, LineCode, UnitCode
from bot.domain.judging import Judge
from bot.domain.messages import Conversation, IncomingMessage, Route
from bot.domain.moments import is_of_this_hour, moment_of
from bot.domain.opening import opened_by, pressed_by
from bot.domain.periods import Week
from bot.domain.private import Opaque, PrivateText
from bot.domain.pseudonyms import KEY_BYTES, WeekKey
from bot.domain.reading import Reading
from bot.domain.traits import TRAIT_BIT
from bot.domain.vocabulary import Act
from bot.domain.voting import NO_VOTE
from bot.domain.work_calendar import OfficeHours
from bot.platforms.transcripts import told_by_lines
from config.calendar import load_calendar
from config.rulebook import load_rulebook
from handlers.classify import ClassifyTranscript

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 10, 12, tzinfo=SHANGHAI)
GROUP = GroupProfile(
    GroupCode("g1"), "马庄镇工作群", UnitCode("u"), LineCode("l"), 43, SHANGHAI,
    OfficeHours.parse("08:00-12:00,14:00-17:30"),
)  # fmt: skip
JUDGE = Judge(load_rulebook(model=NO_VOTE), load_calendar())
MORNING, EVENING = 1, 2
TRANSCRIPT = Path(__file__).parents[1] / "corpus" / "dev_a.jsonl"


def read(text: str, *, day: int, hour: int, minute: int = 0, who: str = "desk") -> Reading:
    at = MONDAY + timedelta(days=day, hours=hour, minutes=minute)
    week = Week.of(at, SHANGHAI)
    keys = [
        WeekKey(each, f"{each}".ljust(KEY_BYTES, "-").encode()[:KEY_BYTES])
        for each in (week, week.shifted(-1))
    ]
    message = IncomingMessage(
        platform="transcript",
        account="transcript",
        route=Route.TRANSCRIPT,
        key=Opaque(f"{day}-{hour}-{minute}"),
        conversation=Conversation(is_group=True, id=Opaque("g1")),
        sender=Opaque(who),
        sent_at=at,
        text=PrivateText(text),
    )
    tag = keys[0].message_tag("t", "t", "t", message.key)
    sender = keys[0].sender_tag("t", "t", GROUP.code, message.sender)
    return JUDGE.read(message, GROUP, tag=tag, sender_tag=sender, sketch_keys=keys)


def opened(text: str, kinds: int, *, day: int, hour: int, minute: int = 0) -> Episode:
    reading = read(text, day=day, hour=hour, minute=minute)
    return opened_by(reading, kinds, Act.DEMAND, emergency=False)


def routine_of(reading: Reading, memory: GroupMemory) -> Episode | None:
    links = JUDGE.links_of(reading, moment_of(reading, memory, JUDGE.bits))
    link = JUDGE.routine(reading, links, own=0)
    return link.episode if link else None


def two_rounds() -> tuple[Episode, Episode]:
    return (
        opened("各村防火点上都上人，拍照带定位，八点半前", MORNING, day=0, hour=7),
        opened("夜班十点前都在群里接龙，村名加人数", EVENING, day=0, hour=18),
    )


def test_a_bare_demand_takes_up_what_was_asked_at_its_hour() -> None:
    morning, evening = two_rounds()
    memory = GroupMemory.of([morning, evening])

    assert routine_of(read("照旧", day=1, hour=7, minute=10), memory) == morning
    assert routine_of(read("照旧", day=1, hour=18, minute=20), memory) == evening


def test_it_is_of_that_hour_on_a_later_day_only_and_across_midnight_too() -> None:
    late = opened("值班的都报个平安", EVENING, day=0, hour=23, minute=50)
    after_midnight = read("照旧", day=2, hour=0, minute=15)
    same_evening = read("照旧", day=0, hour=23, minute=58)

    assert is_of_this_hour(after_midnight.minute, after_midnight.day, late)
    assert not is_of_this_hour(same_evening.minute, same_evening.day, late)


def test_the_hour_is_a_trait_of_the_moment_for_whoever_asked_then() -> None:
    memory = GroupMemory.of(two_rounds())
    desk = read("照旧", day=1, hour=18)
    member = read("照旧", day=1, hour=18, who="member")

    assert moment_of(desk, memory, JUDGE.bits).traits & TRAIT_BIT["hour.mine_short"]
    assert not moment_of(member, memory, JUDGE.bits).traits & TRAIT_BIT["hour.mine_short"]


def test_the_hour_before_a_deadline_is_a_trait_of_the_moment() -> None:
    morning, _ = two_rounds()
    memory = GroupMemory.of([morning])
    pressing, early = (read("双井，白果树", day=0, hour=hour, minute=40) for hour in (8, 5))

    assert moment_of(pressing, memory, JUDGE.bits).traits & TRAIT_BIT["due.mine_short"]
    assert not moment_of(early, memory, JUDGE.bits).traits & TRAIT_BIT["due.mine_short"]


def test_a_demand_made_again_is_about_what_the_first_was_about_and_due_a_day_later() -> None:
    morning, _ = two_rounds()
    again = opened_by(
        read("今天早班照旧", day=1, hour=7), MORNING, Act.DEMAND, emergency=False, renewed=morning
    )

    assert morning.shingles < again.shingles
    assert morning.deadline is not None
    assert again.deadline == morning.deadline + 24 * 60


def test_a_demand_made_again_an_hour_late_is_still_due_on_its_own_day() -> None:
    morning, _ = two_rounds()
    again = opened_by(
        read("照旧", day=1, hour=9), MORNING, Act.DEMAND, emergency=False, renewed=morning
    )

    assert morning.deadline is not None
    assert again.deadline == morning.deadline + 24 * 60


def test_under_another_week_s_key_only_its_own_words_are_kept() -> None:
    morning, _ = two_rounds()
    reading = read("早班照旧，拍照", day=7, hour=7)
    again = opened_by(reading, MORNING, Act.DEMAND, emergency=False, renewed=morning)

    assert again.shingles == reading.sketches[0].shingles


def test_a_routine_of_many_days_does_not_grow_without_end() -> None:
    episode, _ = two_rounds()
    words = ("甲乙丙丁", "金木水火土", "赤橙黄绿青蓝紫", "梅兰竹菊", "琴棋书画", "笔墨纸砚")
    for number in range(60):
        text = f"照旧{words[number % 6]}{words[number // 6 % 6]}{words[number // 36]}"
        reading = read(text, day=number // 20, hour=number % 20)
        episode = opened_by(reading, MORNING, Act.DEMAND, emergency=False, renewed=episode)

        assert len(episode.shingles) <= 64
        assert Episode.decode(episode.encode()) == episode


def test_a_press_keeps_what_the_episode_is_about() -> None:
    morning, _ = two_rounds()
    pressed = pressed_by(read("双井的呢", day=0, hour=8), morning, MORNING)

    assert pressed.shingles == morning.shingles
    assert pressed.presses == 1


def test_whoever_presses_for_something_presses_for_one_of_the_things_asked() -> None:
    lines = TRANSCRIPT.read_text("utf-8").splitlines()
    classify = ClassifyTranscript(
        Judge(load_rulebook(), load_calendar()), lambda size: b"k" * size
    )
    kinds_of: dict[tuple[str, str], bool] = {}
    reminders = 0

    for row in map(dict, classify(told_by_lines(lines, TRANSCRIPT.name))):
        group, _, _ = str(row["id"]).partition("-")
        episode = (group, row["episode"])
        if row["act"] == "reminder" and kinds_of.get(episode):
            reminders += 1
            assert row["kinds"], json.dumps(row)
        if row["episode"] and row["act"] != "cancel":
            kinds_of[episode] = kinds_of.get(episode, False) or bool(row["kinds"])

    assert reminders > 20
