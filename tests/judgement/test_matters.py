"""What a demand is about tells it from another in the same frame; a press of it stays one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.matters import HALVES, right
from bot.domain.episodes import Episode
from bot.domain.judging import Judge
from bot.domain.periods import Week
from bot.domain.sketches import matter_runs, pairs_and_matter, runs_of
from config.calendar import load_calendar
from config.model.samples import told_line
from config.model.twins import twins_of
from config.rulebook import load_rulebook

JUDGE = Judge(load_rulebook(), load_calendar())
FRAME = JUDGE.rulebook.frame
# What was reached on each half (`python -m bench.matters`), with room for a chat or two.
LEAST = {"same": 0.8, "other": 0.7}


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize(("sort", "act"), [("same", "reminder"), ("other", "demand")])
def test_most_chats_are_told_apart_by_their_matter(half: str, sort: str, act: str) -> None:
    chats = [so for said, so in right(JUDGE, half).items() if said.startswith(act)]

    assert len(chats) == 28
    assert sum(chats) >= LEAST[sort] * len(chats)


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
    before = b"\x01" + now[1 : head - 1] + now[head:]

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
