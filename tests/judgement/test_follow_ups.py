"""What is said after a notice belongs to it, and is no demand of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.episodes import GroupMemory
from bot.domain.judging import Judge
from bot.domain.vocabulary import Act, Kind
from config.calendar import load_calendar
from config.model.follow_ups import FollowUp, calls_to_confirm, follow_ups_of, told_follow_ups
from config.model.samples import Collector, Told, readings, told_line
from config.model.small_chats import chat_of
from config.rulebook import load_rulebook

JUDGE = Judge(load_rulebook(), load_calendar())
NOTICE = "请各村今天下班前报送水库除险台账"


def _told(*lines: str) -> list[tuple[Act, bool, frozenset[Kind]]]:
    """What each message of a chat is judged to be: act, opens an episode, kinds."""
    chat = chat_of("acknowledged", list(lines))
    memory, found = GroupMemory.EMPTY, []
    for _, reading, _ in readings(JUDGE, chat):
        judgement, memory = JUDGE.judge(reading, memory, chat.profile)
        found.append((judgement.act, judgement.opens, frozenset(judgement.kinds)))
    return found


def test_who_asks_whether_the_notice_was_read_opens_no_episode() -> None:
    notice = f"0 09:00 | head | demand | form_filling | E1 | {NOTICE}"
    for who, said in (
        ("head", "收到请回复"),
        ("clerk", "看到的回复一下"),
        ("clerk", "上面的通知看到请回1"),
    ):
        _, asked = _told(notice, f"0 09:01 | {who} | reminder | acknowledge | E1 | {said}")
        assert asked[:2] == (Act.REMINDER, False), said
        assert Kind.ACKNOWLEDGE in asked[2]


def _notices(*kinds: str) -> list[Told]:
    label = {"act": "demand", "kinds": list(kinds), "episode": "E1", "exempt": None}
    return [
        told_line("g1", "m1", NOTICE, label),
        told_line("g2", "m2", "各校明天中午前上报校车台账", label),
    ]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (FollowUp("领导等着要", Act.REMINDER, "="), ["form_filling", "inspection"]),
        (
            FollowUp("照片也要", Act.REMINDER, "+showcase"),
            ["form_filling", "inspection", "showcase"],
        ),
        (FollowUp("明白的回1", Act.REMINDER, "~acknowledge"), ["acknowledge"]),
        (FollowUp("合计栏别忘了", Act.REMINDER, "form_filling"), ["form_filling"]),
        (FollowUp("不搞了", Act.CANCEL, "-"), []),
        (FollowUp("辛苦各位", Act.NONE, "-"), []),
    ],
)
def test_a_follow_up_carries_the_kinds_that_are_written_for_it(
    said: FollowUp, expected: list[str]
) -> None:
    (made,) = follow_ups_of(JUDGE, _notices("form_filling", "inspection"), [], [said])

    label = made.labels[made.messages[-1].key.reveal()]
    assert (label["act"], label["kinds"]) == (said.act.value, expected)
    assert label["episode"] == (None if said.act is Act.NONE else "E2")


@pytest.mark.parametrize("kinds", ["meeting", "+inspection", "~form_filling"])
def test_words_that_do_not_fit_a_notice_are_not_put_behind_it(kinds: str) -> None:
    said = FollowUp("早点到", Act.REMINDER, kinds)

    assert follow_ups_of(JUDGE, _notices("form_filling", "inspection"), [], [said]) == []


def test_follow_ups_are_read_from_the_files_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(
        "# heading\nhead|reminder|=|抓紧\nmember|none|-|在弄\n", "utf-8"
    )

    assert told_follow_ups(tmp_path) == [
        FollowUp("抓紧", Act.REMINDER, "="),
        FollowUp("在弄", Act.NONE, "-", by_member=True),
    ]


def test_what_a_made_chat_begins_with_is_not_learned_again() -> None:
    (made,) = follow_ups_of(
        JUDGE, _notices("form_filling"), [], [FollowUp("领导等着要", Act.REMINDER, "=")]
    )

    learned = list(Collector().of_group(made, 1.0, after=2))

    assert {sample.text for sample in learned} == {"领导等着要"}


def test_made_chats_ask_for_what_was_said_last() -> None:
    label = {"act": "demand", "kinds": ["form_filling"], "episode": "E1", "exempt": None}
    asks = {"act": "demand", "kinds": ["acknowledge"], "episode": "E1", "exempt": None}
    notices = [
        told_line("g1", "m1", NOTICE, label),
        told_line("g2", "m2", "各校明天中午前上报校车台账", label),
    ]
    lines = [told_line("lines", "l1", "看到请回复", asks)]

    (made,) = follow_ups_of(JUDGE, notices, lines, [])

    last = made.messages[-1]
    acts = [(told["act"], told["episode"]) for told in made.labels.values()]
    assert acts == [("demand", "E1"), ("demand", "E2"), ("reminder", "E2")]
    assert last.text.reveal() == "看到请回复"
    assert made.messages[1].text.reveal() == NOTICE


def test_only_words_that_fit_any_notice_are_borrowed() -> None:
    asks = {"act": "demand", "kinds": ["acknowledge"], "episode": "E1", "exempt": None}
    lines = [
        told_line("lines", str(number), text, asks)
        for number, text in enumerate(
            (
                "看到请回复",
                "防汛责任书看到请回复",
                "还差三家没回复",
                "请各单位收到后在今天下班以前逐一回复",
            )
        )
    ]

    assert list(calls_to_confirm(JUDGE, lines)) == ["看到请回复"]
