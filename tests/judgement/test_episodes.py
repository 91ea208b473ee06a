"""Episodes keep everything over a restart, no words among it, and never grow without bound."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.episodes import (
    MOST_OPEN,
    OPEN_FOR_MINUTES,
    Episode,
    GroupMemory,
    changed_episodes,
)
from bot.domain.periods import Week

WEEKS = st.builds(Week, st.integers(2020, 2040), st.integers(1, 52))
WORDS32 = st.integers(0, 2**32 - 1)


def with_matter(one: Episode) -> Episode:
    """The episode with every other of its shingles as its matter."""
    return replace(one, matter=frozenset(sorted(one.shingles)[::2]))


EPISODES = st.builds(
    Episode,
    id=st.binary(min_size=8, max_size=8),
    week=WEEKS,
    opened_at=WORDS32,
    last_at=WORDS32,
    day=st.integers(1, 3_000_000),
    senders=st.lists(st.binary(min_size=8, max_size=8), min_size=1, max_size=4).map(tuple),
    kinds=st.integers(0, 2**11 - 1),
    shingles=st.frozensets(WORDS32, max_size=40),
    marks=st.lists(WORDS32, max_size=6).map(tuple),
    deadline=st.none() | st.integers(0, 2**32 - 2),
    presses=st.integers(0, 65_535),
    closed=st.booleans(),
    orphan=st.booleans(),
    emergency=st.booleans(),
    rank=st.integers(0, 255),
).map(with_matter)


def episode(number: int, minute: int) -> Episode:
    return Episode(
        id=number.to_bytes(8, "big"), week=Week(2026, 42), opened_at=minute, last_at=minute,
        day=739_000, senders=(b"sender-1",),
    )  # fmt: skip


@given(EPISODES)
def test_an_episode_comes_back_from_its_bytes(one: Episode) -> None:
    assert Episode.decode(one.encode()) == one


@given(st.binary(max_size=60))
def test_other_bytes_are_refused(raw: bytes) -> None:
    try:
        decoded = Episode.decode(raw)
    except ValueError:
        return
    again = decoded.encode()
    # A layout of before is read, and written as it is now.
    assert again == raw or (raw[0] == 1 and Episode.decode(again) == decoded)


@pytest.mark.parametrize("cut", [0, 1, 20, 40])
def test_a_torn_state_is_refused(cut: int) -> None:
    with pytest.raises(ValueError, match="not the state of an episode"):
        Episode.decode(episode(1, 5).encode()[:cut])


def test_memory_is_bounded_and_forgets_the_stalest() -> None:
    memory = GroupMemory.EMPTY
    for number in range(MOST_OPEN + 10):
        memory = memory.with_episode(episode(number, 1000 + number), 1000 + number)

    assert len(memory.episodes) == MOST_OPEN
    assert memory.episodes[0].id == (10).to_bytes(8, "big")


def test_what_nobody_pressed_for_weeks_is_forgotten() -> None:
    memory = GroupMemory.EMPTY.with_episode(episode(1, 1000), 1000)

    later = memory.with_episode(episode(2, 1001 + OPEN_FOR_MINUTES), 1001 + OPEN_FOR_MINUTES)

    assert [one.id for one in later.episodes] == [(2).to_bytes(8, "big")]


def test_only_what_changed_is_written() -> None:
    before = GroupMemory.EMPTY.with_episode(episode(1, 1000), 1000)
    before = before.with_episode(episode(2, 1001), 1001)

    after = before.with_episode(before.episodes[1].ended(1002), 1002)

    changed, gone = changed_episodes(before, after)
    assert [one.id for one in changed] == [(2).to_bytes(8, "big")]
    assert gone == ()


def test_nothing_changed_when_memory_is_the_same() -> None:
    memory = GroupMemory.EMPTY.with_episode(episode(1, 1000), 1000)

    assert changed_episodes(memory, memory) == ((), ())


def test_episodes_of_one_minute_keep_their_order() -> None:
    memory = GroupMemory.EMPTY
    for number in (9, 3, 7):
        memory = memory.with_episode(episode(number, 1000), 1000)

    again = GroupMemory.of(Episode.decode(one.encode()) for one in reversed(memory.episodes))

    assert again == memory
