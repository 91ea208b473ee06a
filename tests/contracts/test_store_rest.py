"""What every shelf, cursor, claim and keyring does."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from bot.domain.issues import Issue
from bot.domain.periods import Week
from bot.domain.private import Opaque

NOW = datetime(2026, 10, 19, 1, 30, tzinfo=UTC)
WEEK = Week(2026, 42)
FIRST_ISSUE, CORRECTED = Issue(WEEK, "relief"), Issue(WEEK, "relief", 2)
HOUR = timedelta(hours=1)


async def test_a_published_digest_stays_as_it_was(store):
    assert await store.shelf.put(FIRST_ISSUE, b"first", NOW)

    assert not await store.shelf.put(FIRST_ISSUE, b"second", NOW)
    assert await store.shelf.get(FIRST_ISSUE) == b"first"


async def test_a_correction_stands_beside_the_first_issue(store):
    await store.shelf.put(FIRST_ISSUE, b"first", NOW)

    assert await store.shelf.put(CORRECTED, b"second", NOW)
    assert not await store.shelf.put(CORRECTED, b"third", NOW)
    assert await store.shelf.get(FIRST_ISSUE) == b"first"
    assert await store.shelf.get(CORRECTED) == b"second"
    assert await store.shelf.issues("relief") == [FIRST_ISSUE, CORRECTED]


async def test_digests_are_kept_by_week_and_office(store):
    next_issue, of_the_county = Issue(WEEK.shifted(1), "relief"), Issue(WEEK, "county")
    for issue in (next_issue, FIRST_ISSUE):
        await store.shelf.put(issue, issue.label.encode(), NOW)
    await store.shelf.put(of_the_county, b"county", NOW)

    assert await store.shelf.issues("relief") == [FIRST_ISSUE, next_issue]
    assert await store.shelf.get(of_the_county) == b"county"
    assert await store.shelf.get(Issue(WEEK.shifted(1), "county")) is None
    assert await store.shelf.issues("nobody") == []


async def test_a_cursor_is_what_was_put_last(store):
    assert await store.cursors.get("archive") is None

    await store.cursors.put("archive", "17")
    await store.cursors.put("archive", "18")

    assert await store.cursors.get("archive") == "18"
    assert await store.cursors.get("other") is None


async def test_of_many_who_ask_one_may_do_it(store):
    asked = [store.claims.claim("close", NOW, NOW, HOUR) for _ in range(10)]

    assert sorted(await asyncio.gather(*asked)) == [False] * 9 + [True]
    assert await store.claims.claim("close", NOW + HOUR, NOW, HOUR)
    assert await store.claims.claim("publish", NOW, NOW, HOUR)


async def test_what_was_not_finished_in_time_is_given_to_the_next(store):
    await store.claims.claim("close", NOW, NOW, HOUR)

    assert not await store.claims.claim("close", NOW, NOW + HOUR / 2, HOUR)
    assert await store.claims.claim("close", NOW, NOW + HOUR, HOUR)
    assert not await store.claims.claim("close", NOW, NOW + HOUR, HOUR)


async def test_what_is_done_is_given_to_nobody(store):
    await store.claims.claim("close", NOW, NOW, HOUR)
    assert not await store.claims.is_done("close", NOW)

    await store.claims.finish("close", NOW)

    assert await store.claims.is_done("close", NOW)
    assert not await store.claims.claim("close", NOW, NOW + 9 * HOUR, HOUR)


def test_a_weeks_tag_key_is_its_own_and_the_same_until_destroyed(store):
    key = store.keyring.tags(WEEK)

    assert store.keyring.tags(WEEK) == key
    assert store.keyring.tags(WEEK.shifted(1)).secret != key.secret
    assert store.keyring.holds_tags(WEEK)

    store.keyring.destroy(WEEK)
    store.keyring.destroy(WEEK)
    assert not store.keyring.holds_tags(WEEK)
    assert store.keyring.tags(WEEK).secret != key.secret


def test_the_weeks_own_sketch_key_comes_first_and_four_weeks_can_be_read(store):
    weeks = [WEEK.shifted(ahead) for ahead in range(6)]
    for week in weeks:
        store.keyring.sketches(week)

    assert [key.week for key in store.keyring.sketches(weeks[5])] == weeks[5:1:-1]
    assert [key.week for key in store.keyring.sketches(weeks[1])] == weeks[1::-1]


def test_looking_up_makes_no_sketch_key_of_an_earlier_week(store):
    assert [key.week for key in store.keyring.sketches(WEEK)] == [WEEK]


def test_a_sketch_key_lives_twenty_eight_days(store):
    weeks = [WEEK.shifted(ahead) for ahead in range(5)]
    before = [store.keyring.sketches(week)[0] for week in weeks]

    store.keyring.destroy(weeks[4])

    after = [store.keyring.sketches(week)[0] for week in reversed(weeks)]
    assert after[:4] == before[:0:-1]
    assert after[4] != before[0]


def test_what_is_left_of_the_keys_of_closed_weeks_is_destroyed(store):
    weeks = [WEEK.shifted(back) for back in range(-4, 1)]
    for week in weeks:
        store.keyring.tags(week)
    oldest = store.keyring.sketches(weeks[0])[0]

    store.keyring.destroy_leftovers(weeks[:4])
    assert [store.keyring.holds_tags(week) for week in weeks] == [False] * 4 + [True]
    assert store.keyring.sketches(weeks[0])[0] == oldest

    store.keyring.destroy_leftovers(weeks)
    store.keyring.destroy_leftovers([])
    assert not store.keyring.holds_tags(WEEK)
    assert store.keyring.sketches(weeks[0])[0] != oldest


def test_tag_and_sketch_keys_have_nothing_in_common(store):
    assert store.keyring.tags(WEEK).secret != store.keyring.sketches(WEEK)[0].secret


def test_a_key_shows_itself_to_nobody(store):
    key = store.keyring.tags(WEEK)

    assert key.secret.hex() not in repr(key)
    assert key.message_tag("wecom", "corp", "g", Opaque("m")) == key.message_tag(
        "wecom", "corp", "g", Opaque("m")
    )


async def test_a_job_runs_from_its_claim_until_it_is_finished_or_its_lease_is_over(store):
    assert not await store.claims.is_running("import", NOW, HOUR)

    await store.claims.claim("import", NOW, NOW, HOUR)

    assert await store.claims.is_running("import", NOW, HOUR)
    assert not await store.claims.is_running("close", NOW, HOUR)
    assert not await store.claims.is_running("import", NOW + HOUR, HOUR)
    await store.claims.finish("import", NOW)
    assert not await store.claims.is_running("import", NOW, HOUR)
