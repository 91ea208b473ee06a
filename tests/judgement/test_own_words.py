"""A group's own word for its routine is heard on the next morning, though it is one sign long."""

from __future__ import annotations

import pytest

from bench.own_words import CHATS
from bench.small_chats import HALVES, counted
from bot.domain.episodes import Episode, GroupMemory
from bot.domain.judging import Judge
from bot.domain.own_words import (
    LONGEST,
    MOST_PIECES,
    UNCALLED,
    Called,
    called_in,
    calling,
    parts_of,
    pieces_of,
)
from bot.domain.periods import Week
from bot.domain.reading import Part, Sketch
from config.calendar import load_calendar
from config.model.echoes import echoes_of
from config.model.samples import Told, judged, readings, told_line
from config.model.small_chats import chat_of
from config.rulebook import load_rulebook

JUDGE = Judge(load_rulebook(), load_calendar())
# What was reached on each half (`python -m bench.own_words`), with room for a chat or two.
LEAST = {"demand heard": 0.8, "demand episode": 0.7, "reminder heard": 0.55}
MOST_FALSE = 7


@pytest.mark.parametrize("half", HALVES)
def test_most_words_of_a_group_s_own_are_heard(half: str) -> None:
    found = counted(JUDGE, CHATS / f"{half}.txt")

    for name, least in LEAST.items():
        right, of = found[name]
        assert of >= 30, name
        assert right >= least * of, (name, right, of)
    false, of = found["none counted"]
    assert of >= 60
    assert false <= MOST_FALSE


def _days(*rows: str) -> Told:
    return chat_of(
        "g1", [f"{when} | {who} | none | - | - | {text}" for when, who, text in _split(rows)]
    )


def _split(rows: tuple[str, ...]) -> list[list[str]]:
    return [row.split("/") for row in rows]


NOTICE = "0 06:40/desk/各护林站听好，出勤的人七点半前打卡，在小程序里把防火码点上"


@pytest.mark.parametrize("word", ["码！", "今天的码", "点码", "防火码"])
def test_the_word_alone_lays_the_burden_again_on_the_next_morning(word: str) -> None:
    first, again = judged(JUDGE, _days(NOTICE, f"1 06:42/desk/{word}"))

    assert again.opens
    assert again.episode != first.episode


def test_the_same_word_by_somebody_who_lays_no_burdens_is_talk() -> None:
    *_, talk = judged(JUDGE, _days(NOTICE, "1 06:42/member/码"))

    assert not talk.act.is_burden


def test_a_word_that_was_in_no_notice_is_talk() -> None:
    *_, talk = judged(JUDGE, _days(NOTICE, "1 15:20/desk/饺子"))

    assert not talk.act.is_burden


def test_in_another_week_nobody_is_known_and_nothing_is_called() -> None:
    chat = _days(NOTICE.replace("0 ", "4 ", 1), "7 06:42/desk/码！")
    (_, notice, _), (_, called, _) = readings(JUDGE, chat)
    _, memory = JUDGE.judge(notice, GroupMemory.EMPTY, chat.profile)

    assert called.week != notice.week
    assert calling(called, memory) is None


def test_a_notice_is_called_by_its_signs_and_its_counted_pairs_the_quoted_first() -> None:
    assert pieces_of("明早做“三检”")[:2] == ["三检", "检"]
    assert "点码" in pieces_of("七点码")
    assert "@" not in "".join(pieces_of("@老王 三检"))


def test_of_a_long_notice_so_many_pieces_are_kept() -> None:
    long = "".join(map(chr, range(0x5000, 0x5100)))

    kept = pieces_of(long)

    assert len(kept) == MOST_PIECES
    assert kept[0] == long[0]
    assert kept[-1] == long[-1]


def test_what_a_short_text_may_call_leaves_out_the_words_of_all_notices() -> None:
    assert parts_of("三检!", frozenset()) == [(["三检"], ["检"])]
    assert parts_of("抓紧码", frozenset({"抓紧"})) == [([], ["码"])]
    assert parts_of("码" * (LONGEST + 1), frozenset()) == []


def test_each_part_of_it_may_call_by_itself() -> None:
    assert parts_of("文昌店，亮灯", frozenset()) == [
        (["文昌", "昌店"], ["文", "昌", "店"]),
        (["亮灯"], ["亮", "灯"]),
    ]
    both = _sketch((set(), {8}), ({1}, {2}))

    assert called_in(both, _episode(words={1, 2}, shingles={7})) == Called(1.0, 1.0, beside=1)


def test_how_far_a_text_calls_an_episode() -> None:
    episode = _episode(words={1, 2}, shingles={7})

    assert called_in(_sketch(({1}, {2})), episode) == Called(1.0, 1.0)
    assert called_in(_sketch(({7, 8}, {2, 3})), episode) == Called(0.5, 0.5)
    assert called_in(_sketch((set(), {2})), episode).by_one_sign
    assert called_in(_sketch(), episode) is UNCALLED
    assert called_in(None, episode) is UNCALLED


def test_an_episode_keeps_what_it_is_called_by_over_a_restart() -> None:
    one = _episode(words={9, 1}, shingles={5})

    assert Episode.decode(one.encode()) == one


def test_an_episode_written_before_there_were_such_words_goes_on_without_them() -> None:
    one = _episode(words=set(), shingles={5, 9})
    now = one.encode()
    head = len(now) - len(b"sender-1") - 4 * 2
    before = b"\x02" + now[1 : head - 1] + now[head:]

    assert Episode.decode(before) == one


def test_what_a_routine_is_called_by_does_not_grow_without_end() -> None:
    signs = "".join(map(chr, range(0x5000, 0x5100)))
    rows = [
        NOTICE,
        *(f"1 {7 + n // 6:02}:{n % 6}0/desk/照旧，{signs[4 * n : 4 * n + 4]}" for n in range(60)),
    ]
    chat = _days(*rows)
    memory = GroupMemory.EMPTY
    for _, reading, _ in readings(JUDGE, chat):
        _, memory = JUDGE.judge(reading, memory, chat.profile)

        assert all(len(episode.words) <= 2 * MOST_PIECES for episode in memory.episodes)


def test_made_echoes_say_the_name_alone_on_the_next_days() -> None:
    label = {"act": "demand", "kinds": ["check_in"], "episode": "E1", "exempt": None}
    notice = told_line("g1", "m1", "各线队长，明早开始轮胎逃生锤“三检”拍照，六点半前发群", label)
    pressed = chat_of(
        "g9",
        [
            "0 09:00 | desk | demand | form_filling | E1 | 请各村今天下班前报送水库除险台账",
            "0 15:00 | desk | reminder | form_filling | E1 | 水库除险还差三个村",
        ],
    )

    first, *_ = echoes_of(JUDGE, [notice, pressed])

    said = [message.text.reveal() for message in first.messages]
    acts = [(label["act"], label["episode"]) for label in first.labels.values()]
    assert [text[:2] for text in said[1:]] == ["三检"] * 3
    assert said[2] == "三检还差三个村"
    assert acts == [("demand", "E1"), ("demand", "E2"), ("reminder", "E2"), ("demand", "E3")]


def _episode(*, words: set[int], shingles: set[int]) -> Episode:
    return Episode(
        id=b"episode-", week=Week(2026, 42), opened_at=9, last_at=9, day=739_000,
        senders=(b"sender-1",), shingles=frozenset(shingles), words=frozenset(words),
    )  # fmt: skip


def _sketch(*parts: tuple[set[int], set[int]]) -> Sketch:
    said = tuple(Part(frozenset(terms), frozenset(signs)) for terms, signs in parts)
    return Sketch(Week(2026, 42), frozenset(), said=said)
