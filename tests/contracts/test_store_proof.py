"""What every database keeps of the proof log."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.log_leaves import NO_LEAF, Entry, LeafKind, chained, opens, parse_leaf
from storage.store import Store, open_store
from tests.storage.stores import DATABASES


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
async def kept(url: str, tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(url, tmp_path / "keys", secrets.token_bytes) as store:
        yield store


def hour(name: str, content: bytes = b"{}") -> Entry:
    return Entry(LeafKind.HOUR, f"hour {name}", {"hour": name}, content)


FIRST, SECOND, THIRD = (hour(f"2026-10-12T0{n}Z", f'{{"rows":{n}}}'.encode()) for n in (1, 2, 3))


async def test_each_leaf_names_the_one_before(kept: Store) -> None:
    await kept.proof_log.append([FIRST, SECOND], 10)
    await kept.proof_log.append([THIRD], 20)

    lines = await kept.proof_log.lines()
    leaves = [parse_leaf(line, "log") for line in lines]
    assert [(leaf.n, leaf.at, leaf.subject) for leaf in leaves] == [
        (0, 10, FIRST.subject),
        (1, 10, SECOND.subject),
        (2, 20, THIRD.subject),
    ]
    assert [leaf.prev for leaf in leaves] == [NO_LEAF, chained(lines[0]), chained(lines[1])]


async def test_a_subject_is_logged_once_however_often_it_is_said(kept: Store) -> None:
    assert await kept.proof_log.append([FIRST, FIRST], 10) == 1
    assert await kept.proof_log.append([FIRST, SECOND], 20) == 1

    assert await kept.proof_log.subjects([LeafKind.HOUR]) == [FIRST.subject, SECOND.subject]


async def test_two_who_write_at_once_write_one_log(kept: Store) -> None:
    entries = [hour(f"2026-10-12T{n:02}Z") for n in range(24)]
    await asyncio.gather(*(kept.proof_log.append(entries[at:], 10) for at in range(12)))

    leaves = [parse_leaf(line, "log") for line in await kept.proof_log.lines()]
    assert [leaf.n for leaf in leaves] == list(range(24))
    assert len({leaf.subject for leaf in leaves}) == 24


async def test_a_commitment_opens_with_what_is_kept_and_with_nothing_else(kept: Store) -> None:
    await kept.proof_log.append([FIRST, Entry(LeafKind.SHREDDED, "shredded 2026-W42", {})], 10)

    leaf = parse_leaf((await kept.proof_log.lines())[0], "log")
    (opening,) = await kept.proof_log.openings(2)
    assert opens(leaf.commitment, opening.nonce, opening.content)
    assert not opens(leaf.commitment, opening.nonce, opening.content + b" ")
    assert opening.content == FIRST.content


async def test_old_hours_can_no_longer_be_opened_and_still_stand(kept: Store) -> None:
    await kept.proof_log.append([FIRST, SECOND], 10)
    before = await kept.proof_log.lines()

    await kept.proof_log.forget_hours("2026-10-12T02Z")

    assert [each.n for each in await kept.proof_log.openings(2)] == [1]
    assert await kept.proof_log.lines() == before


async def test_the_newest_leaf_of_a_kind_is_found(kept: Store) -> None:
    assert await kept.proof_log.last_leaf([LeafKind.HOUR]) is None
    await kept.proof_log.append([FIRST, SECOND, Entry(LeafKind.WEEK, "week 2026-W42", {})], 10)

    lines = await kept.proof_log.lines()
    assert await kept.proof_log.last_leaf([LeafKind.HOUR]) == lines[1]
    assert await kept.proof_log.lines(kinds=[LeafKind.WEEK]) == [lines[2]]


async def test_a_checkpoint_stays_as_it_was_first_kept(kept: Store) -> None:
    await kept.proof_log.keep_checkpoint(3, b"first\n")
    await kept.proof_log.keep_checkpoint(3, b"second\n")

    assert await kept.proof_log.checkpoints() == [(3, b"first\n")]
