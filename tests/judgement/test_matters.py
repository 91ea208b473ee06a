"""What a demand is about tells it from another in the same frame; a press of it stays one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bench.matters import CHATS, right
from bench.small_chats import HALVES, counted
from bot.domain.episodes import Episode, GroupMemory
from bot.domain.judging import Judge
from bot.domain.namings import NAMELESS, namings_of
from bot.domain.periods import Week
from bot.domain.private import Opaque
from bot.domain.reading import Place, Reading, Sketch
from bot.domain.sketches import matter_runs, pairs_and_matter, runs_of
from config.calendar import load_calendar
from config.model.crowds import crowds_of
from config.model.samples import Told, judged, readings, told_line
from config.model.small_chats import chat_of
from config.model.twins import twins_of
from config.rulebook import load_rulebook

JUDGE = Judge(load_rulebook(), load_calendar())
FRAME = JUDGE.rulebook.frame
# What was reached on each half (`python -m bench.matters`), with room for a chat or two.
LEAST = {"same": 0.8, "other": 0.65}
LEAST_OF_SEVERAL = {"reminder episode": 0.4, "demand episode": 0.55, "demand kinds": 0.6}


def _chat(*texts: str) -> Told:
    """Texts by one sender, ten minutes apart."""
    lines = [f"0 09:{n}0 | desk | none | - | - | {text}" for n, text in enumerate(texts)]
    return chat_of("chat", lines)


def _open(name: bytes, shingles: set[int]) -> Episode:
    return Episode(
        id=name.ljust(8, b"-"), week=Week(2026, 42), opened_at=9, last_at=9, day=739_000,
        senders=(b"sender-1",), shingles=frozenset(shingles),
    )  # fmt: skip


def _reading(shingles: set[int]) -> Reading:
    place = Place(datetime(2026, 10, 14, 9, tzinfo=UTC), Opaque("a"))
    sketch = Sketch(Week(2026, 42), frozenset(shingles))
    return Reading(
        b"t", b"sender-1", place, datetime(2026, 10, 14, 9, tzinfo=UTC), sketches=(sketch,)
    )


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize(("sort", "act"), [("same", "reminder"), ("other", "demand")])
def test_most_chats_are_told_apart_by_their_matter(half: str, sort: str, act: str) -> None:
    chats = [so for said, so in right(JUDGE, half).items() if said.startswith(act)]

    assert len(chats) == 28
    assert sum(chats) >= LEAST[sort] * len(chats)


@pytest.mark.parametrize("half", HALVES)
def test_of_three_demands_in_one_frame_the_one_that_is_named_is_meant(half: str) -> None:
    found = counted(JUDGE, CHATS / f"several_{half}.txt")

    for name, least in LEAST_OF_SEVERAL.items():
        right, of = found[name]
        assert of >= 7, name
        assert right >= least * of, (name, right, of)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("道路养护情况表还差三个村", 0),
        ("河道保洁的还差上湾、下湾", 1),
        ("秸秆禁烧还没报的抓紧", 2),
    ],
)
def test_a_reminder_goes_to_the_demand_whose_matter_it_names(said: str, meant: int) -> None:
    notices = [
        f"请各村今天下班前报送{matter}情况表" for matter in ("道路养护", "河道保洁", "秸秆禁烧")
    ]
    *opened, last = judged(JUDGE, _chat(*notices, said))

    assert [one.opens for one in opened] == [True] * 3
    assert last.episode == opened[meant].episode


def test_what_names_another_matter_in_the_same_frame_is_no_routine() -> None:
    notices = [f"请各村今天下班前报送{matter}台账" for matter in ("道路养护", "河道保洁")]
    memory = GroupMemory.EMPTY
    chat = _chat(*notices)
    for _, reading, _ in readings(JUDGE, chat):
        _, memory = JUDGE.judge(reading, memory, chat.profile)

    first, second = memory.episodes
    assert first.matter
    assert second.matter
    assert not first.matter & second.shingles


def test_what_all_open_demands_share_names_none_of_them() -> None:
    one, other = _open(b"one", {1, 2, 7}), _open(b"other", {3, 4, 7})
    reading = _reading({1, 7, 9})

    named = namings_of(reading, [one, other], [0.5, 0.2])

    assert [naming.share for naming in named] == [0.75, 0.25]
    assert [naming.only for naming in named] == [1, 0]
    assert [naming.is_best for naming in named] == [True, False]
    assert namings_of(_reading({9}), [one, other], [0.0, 0.0]) == (NAMELESS, NAMELESS)


def test_the_frame_is_cut_away_and_the_matter_is_left() -> None:
    assert matter_runs(runs_of("请各村今天下班前报送道路养护台账"), FRAME) == ["道路养护"]
    assert matter_runs(runs_of("收到请回复，今天下班前"), FRAME) == []


def test_the_class_that_is_called_on_is_no_matter() -> None:
    assert pairs_and_matter("各合作今天报", frozenset()) == (["合作"], [])
    assert pairs_and_matter("合作今天报", frozenset()) == (["合作"], ["合作"])


def test_an_episode_keeps_its_matter_over_a_restart() -> None:
    one = Episode(
        id=b"episode-", week=Week(2026, 42), opened_at=9, last_at=9, day=739_000,
        senders=(b"sender-1",), shingles=frozenset({5, 1, 9}), matter=frozenset({9, 1}),
        marks=(7,),
    )  # fmt: skip

    assert Episode.decode(one.encode()) == one


def test_an_episode_written_before_there_were_matters_goes_on_without_one() -> None:
    one = Episode(
        id=b"episode-", week=Week(2026, 42), opened_at=9, last_at=11, day=739_000,
        senders=(b"sender-1",), kinds=3, shingles=frozenset({5, 1, 9}), marks=(7,), deadline=60,
    )  # fmt: skip
    now = one.encode()
    head = len(now) - len(b"sender-1") - 4 * 4
    before = b"\x01" + now[1 : head - 2] + now[head:]

    assert Episode.decode(before) == replace(one, matter=frozenset())


def test_made_chats_keep_the_frame_and_change_the_matter() -> None:
    label = {"act": "demand", "kinds": ["form_filling"], "episode": "E1", "exempt": None}
    lines = ("请各村今天下班前报送道路养护台账", "请各镇明天中午前报送秸秆禁烧名单")
    told = [told_line(f"g{n}", f"m{n}", line, label) for n, line in enumerate(lines)]

    first, *_ = twins_of(JUDGE, told)

    assert [message.text.reveal() for message in first.messages] == [
        "请各村今天下班前报送道路养护台账",
        "请各村今天下班前报送秸秆禁烧台账",
    ]
    assert [label["act"] for label in first.labels.values()] == ["demand", "demand"]
    assert first.name == "g0"


def test_made_crowds_press_one_of_three_by_its_matter() -> None:
    label = {"act": "demand", "kinds": ["form_filling"], "episode": "E1", "exempt": None}
    matters = ("道路养护", "秸秆禁烧", "危房排查", "河道清淤")
    told = [
        told_line(f"g{n}", f"m{n}", f"请各村今天下班前报送{matter}台账", label)
        for n, matter in enumerate(matters)
    ]
    pressed = chat_of(
        "g9",
        [
            "0 09:00 | desk | demand | form_filling | E1 | 请各村今天下班前报送水库除险台账",
            "0 15:00 | desk | reminder | form_filling | E1 | 水库除险还差三个村",
        ],
    )

    first, *_ = crowds_of(JUDGE, [*told, pressed])

    said = [message.text.reveal() for message in first.messages]
    acts = [(label["act"], label["episode"]) for label in first.labels.values()]
    assert acts[:3] == [("demand", "E0"), ("demand", "E1"), ("demand", "E2")]
    assert [act for act, _ in acts[3:]] == ["reminder", "reminder"]
    assert said[3] == "道路养护还差三个村"
