"""更正: a further issue of a published week. Nothing that was published is ever changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.burden import Spread
from bot.domain.digest import Digest
from bot.domain.disputes import DisputeState, public_id
from bot.domain.documents import Table
from bot.domain.errors import UserError
from bot.domain.groups import GroupProfile, UnitCode
from bot.domain.issues import Issue
from bot.domain.log_checks import check
from bot.domain.periods import Week
from bot.domain.vocabulary import Kind
from bot.domain.week_background import WeekBackground
from bot.renderings.chat_markdown import chat_markdown
from bot.renderings.forms import FORMS, rendered
from bot.renderings.json_document import decode_digest, encode_digest
from bot.terminal.verifying import International, read_set
from config.load import load_texts
from config.minutes_file import load_minutes
from handlers.ports import Office
from storage.store import Store, open_store
from tests.scenarios.lived_week import keeper
from tests.scenarios.week_end_house import CHIEF, CLERK, COUNTY, House, at, profile
from tests.scenarios.week_end_house import house as memory_house
from tests.storage.entries import demand, tag_of, talk

W42, W43 = Week(2026, 42), Week(2026, 43)
FIRST, SECOND, THIRD = (Issue(W42, "county", number) for number in (1, 2, 3))
TOWN = replace(COUNTY, code="town", units=(UnitCode("u-1"),), destinations=(CLERK,))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    url = f"sqlite+aiosqlite:///{tmp_path / 'books.db'}"
    async with open_store(url, tmp_path / "keys", lambda n: b"k" * n) as opened:
        yield opened


async def a_published_week(
    store: Store, *groups: GroupProfile, offices: tuple[Office, ...] = (COUNTY,), n: int = 3
) -> House:
    """A week with `n` check-ins of each group, published on its Monday."""
    house = House(store, memory_house().clock, memory_house().speaker)
    registered = groups or (profile(),)
    await house.register(*registered, offices=offices)
    store.keyring.tags(W42)
    for group in registered:
        place = {"group": group.code, "unit": group.unit, "line": group.line}
        await store.books.record([talk(f"{group.code} talk", week=W42, group=group.code)])
        await store.books.record(
            [
                demand(f"{group.code} {k}", week=W42, kinds=(Kind.CHECK_IN,), **place)
                for k in range(n)
            ]
        )
    await house.tick("2026-10-19 08:30")
    return house


async def uphold(store: Store, name: str, decided_in: Week = W43) -> None:
    """The office finds that a count was wrong."""
    (count,) = await store.disputes.found(public_id(tag_of(name)), W42, None)
    for state in (DisputeState.OPEN, DisputeState.UPHELD):
        await store.disputes.move(count, state, "office", decided_in)


async def figures(store: Store, issue: Issue):
    kept = await store.shelf.get(issue)
    assert kept is not None
    return decode_digest(kept).figures


async def words(store: Store, issue: Issue) -> str:
    kept = await store.shelf.get(issue)
    assert kept is not None
    return chat_markdown(decode_digest(kept).document)


async def test_what_was_upheld_after_the_close_is_out_of_the_next_issue(store: Store) -> None:
    house = await a_published_week(store)
    before = await store.shelf.get(FIRST)
    await uphold(store, "g-1 0")

    assert await house.publish.correct(W42, COUNTY) == SECOND

    assert await store.shelf.get(FIRST) == before
    was, now = await figures(store, FIRST), await figures(store, SECOND)
    assert (was.totals["episodes"], now.totals["episodes"]) == (3, 2)
    assert (was.units["u-1"]["check_in"], now.units["u-1"]["check_in"]) == (3, 2)
    assert (was.issue, now.issue) == (1, 2)
    assert now.corrected == {"check_in": 1, "episodes": 1}
    assert now.coverage == was.coverage


async def test_what_changed_and_why_stands_at_the_top(store: Store) -> None:
    house = await a_published_week(store)
    await uphold(store, "g-1 0")
    await house.publish.correct(W42, COUNTY)

    said = await words(store, SECOND)

    assert said.startswith("# 基层负担监测周报（更正）\n")
    assert said.index("## 更正说明") < said.index("## 一、总体情况")
    assert "第2次印发" in said
    assert "经办公室认定有误，予以剔除：工作要求1件" in said
    assert "- 合计：打卡接龙由3件更正为2件。" in said


async def test_the_same_week_is_corrected_again_only_when_more_was_upheld(store: Store) -> None:
    house = await a_published_week(store)
    await uphold(store, "g-1 0")

    issues = [await house.publish.correct(W42, COUNTY)]
    kept = await store.shelf.get(SECOND)
    issues.append(await house.publish.correct(W42, COUNTY))
    await uphold(store, "g-1 1")
    issues.append(await house.publish.correct(W42, COUNTY))

    assert issues == [SECOND, None, THIRD]
    assert await store.shelf.get(SECOND) == kept
    assert (await figures(store, THIRD)).corrected == {"check_in": 2, "episodes": 2}
    assert "由2件更正为1件" in await words(store, THIRD)


async def test_where_nothing_was_upheld_there_is_no_further_issue(store: Store) -> None:
    house = await a_published_week(store)
    (count,) = await store.disputes.found(public_id(tag_of("g-1 0")), W42, None)
    await store.disputes.move(count, DisputeState.OPEN, "group_admin", W43)
    await store.disputes.move(count, DisputeState.REJECTED, "office", W43)

    assert await house.publish.correct(W42, COUNTY) is None
    assert await store.shelf.issues("county") == [FIRST]


async def test_an_office_is_told_of_its_own_units_only(store: Store) -> None:
    house = await a_published_week(store, profile(), profile("g-2", "u-2"), offices=(COUNTY, TOWN))
    await uphold(store, "g-2 0")

    assert await house.publish.correct(W42, COUNTY) == SECOND
    assert await house.publish.correct(W42, TOWN) is None


async def test_a_week_that_was_never_published_cannot_be_corrected(store: Store) -> None:
    house = await a_published_week(store)

    with pytest.raises(UserError, match="not_published"):
        await house.publish.correct(W43, COUNTY)


async def test_a_week_whose_facts_are_gone_cannot_be_corrected(store: Store) -> None:
    house = await a_published_week(store)
    await uphold(store, "g-1 0")
    await store.retention.forget_facts(Week(2028, 1))

    assert await house.publish.correct(W42, COUNTY) is None
    assert await store.shelf.issues("county") == [FIRST]


async def test_a_group_that_has_grown_since_is_not_shown_alone_in_the_correction(
    store: Store,
) -> None:
    small, other = profile(size=6), replace(profile("g-2"), size=30)
    house = await a_published_week(store, small, other)
    await uphold(store, "g-1 0")
    await store.registry.put_group(replace(small, size=60))

    await house.publish.correct(W42, COUNTY)

    was, now = await figures(store, FIRST), await figures(store, SECOND)
    assert now.groups.keys() <= was.groups.keys()
    assert "g-1" not in now.groups


async def test_the_next_week_is_compared_with_the_corrected_one(store: Store) -> None:
    house = await a_published_week(store)
    await uphold(store, "g-1 0")
    await house.publish.correct(W42, COUNTY)

    await house.hear(W43, demands=2)
    await house.tick("2026-10-26 08:30")

    assert "工作要求持平" in await words(store, Issue(W43, "county"))


async def test_it_goes_out_as_a_digest_of_its_own_in_working_time(store: Store) -> None:
    house = await a_published_week(store)
    house.clock.moment = at("2026-11-05 19:00")  # more than two weeks later, in the evening
    await uphold(store, "g-1 0")
    await house.publish.correct(W42, COUNTY)

    await house.tick("2026-11-05 19:05")
    assert len(house.said) == 1
    await house.tick("2026-11-06 08:30")
    await house.tick("2026-11-06 09:30")

    assert [key.split(":")[1] for key in house.said] == ["2026-W42", "2026-W42-r2"]
    assert "（更正）" in house.speaker.said[-1].title


async def test_an_old_correction_is_not_sent_to_a_new_reader(store: Store) -> None:
    house = await a_published_week(store)
    await uphold(store, "g-1 0")
    await house.publish.correct(W42, COUNTY)
    await house.tick("2026-10-19 09:30")
    said = len(house.said)
    await store.registry.put_office(replace(COUNTY, destinations=(replace(CHIEF, account="b"),)))

    await house.tick("2026-12-01 09:30")

    assert len(house.said) == said


async def test_both_issues_are_in_the_log_and_an_auditor_recomputes_both(
    store: Store, tmp_path: Path
) -> None:
    house = await a_published_week(store)
    keep = keeper(store, house.clock, tmp_path / "proof-keys")
    await keep(["county"])
    await uphold(store, "g-1 0")
    await house.publish.correct(W42, COUNTY)
    await keep(["county"])
    folder = tmp_path / "usb"
    folder.mkdir()
    files = {
        f"{issue.stem}.{form}": rendered(await store.shelf.get(issue) or b"", form)
        for issue in (FIRST, SECOND)
        for form in FORMS
    }
    files |= await keep.proof_of(SECOND, files, auditor=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)

    verdict = check(read_set(folder, str(W42)), International(bytes).verify)

    assert verdict.exit_code == 0, verdict.findings
    assert {one.key for one in verdict.findings} == {"unpinned", "no_hours"}

    corrected = folder / f"{SECOND.stem}.json"
    corrected.write_bytes(corrected.read_bytes().replace(b'"check_in": 2', b'"check_in": 1', 1))
    found = check(read_set(folder, str(W42)), International(bytes).verify)
    assert {"file_changed", "digest_differs"} <= {one.key for one in found.findings}


async def test_many_changes_stand_in_the_annex_and_the_sums_on_the_page(store: Store) -> None:
    groups = [profile(f"g-{n}", f"u-{n}") for n in range(9)]
    house = await a_published_week(store, *groups, n=2)
    for group in groups:
        await uphold(store, f"{group.code} 0")
    await house.publish.correct(W42, COUNTY)
    kept = await store.shelf.get(SECOND)
    assert kept is not None

    document = decode_digest(kept).document

    (table,) = (block for block in document.sections[0].blocks if isinstance(block, Table))
    assert {row.cells[0] for row in table.rows} == {"合计"}
    assert len(document.annex[-1].rows) > len(table.rows)


# --- a copy in another language ---------------------------------------------------------------


async def english(house: House, issue: Issue) -> Digest:
    copy = await house.publish.copied(issue, COUNTY, load_texts("en"))
    assert copy is not None
    return copy


async def test_a_copy_in_english_is_what_an_english_bot_would_have_published(store: Store) -> None:
    house = await a_published_week(store)
    await house.hear(W43, demands=2)
    await house.tick("2026-10-26 08:30")
    issue = Issue(W43, "county")

    copy = await english(house, issue)

    speaking = replace(house.publish, texts=load_texts("en"))
    composed = await speaking._gathered(W43, COUNTY, await store.ledger.tallies(W43))
    assert encode_digest(copy) == speaking._document(composed)
    assert copy.figures == await figures(store, issue)
    assert copy.document.locale == "en"
    assert "Weekly Report" in chat_markdown(copy.document)


async def test_a_copy_stays_the_same_when_the_week_before_is_corrected(store: Store) -> None:
    house = await a_published_week(store)
    await house.hear(W43, demands=2)
    await house.tick("2026-10-26 08:30")
    before = await english(house, Issue(W43, "county"))

    house.clock.moment = at("2026-10-27 10:00")
    await uphold(store, "g-1 0")
    await house.publish.correct(W42, COUNTY)

    assert await english(house, Issue(W43, "county")) == before


async def test_a_correction_is_copied_with_what_it_corrects(store: Store) -> None:
    house = await a_published_week(store)
    await uphold(store, "g-1 0")
    await house.publish.correct(W42, COUNTY)

    said = chat_markdown((await english(house, SECOND)).document)

    assert "What was corrected" in said
    assert await house.publish.copied(THIRD, COUNTY, load_texts("en")) is None


async def an_estimated_week(store: Store) -> House:
    """A published week whose person-hours were estimated."""
    spare = memory_house()
    house = House(store, spare.clock, spare.speaker)
    house.publish = replace(
        house.publish, policy=replace(house.publish.policy, minutes=load_minutes())
    )
    await house.register(profile(size=40))
    await house.hear(W42)
    await house.tick("2026-10-19 08:30")
    return house


async def corrected_hours(store: Store, house: House):
    """Person-hours of the first issue, and of one from which a count was taken."""
    (count,) = await store.disputes.found(public_id(tag_of(f"{W42} {{}} 0")), W42, None)
    for state in (DisputeState.OPEN, DisputeState.UPHELD):
        await store.disputes.move(count, state, "office", W43)
    assert await house.publish.correct(W42, COUNTY)
    first, second = await figures(store, FIRST), await figures(store, SECOND)
    return first.person_hours, second.person_hours


async def test_a_correction_estimates_by_the_groups_and_minutes_of_the_first_issue(
    store: Store,
) -> None:
    house = await an_estimated_week(store)
    await store.registry.put_group(profile(size=400))
    table = load_minutes()
    dearer = replace(table, minutes={name: Spread(50, 90) for name in table.minutes})
    house.publish = replace(house.publish, policy=replace(house.publish.policy, minutes=dearer))

    was, now = await corrected_hours(store, house)

    assert 0 < now.high < was.high
    told = await words(store, SECOND)
    assert "现在的人数" not in told
    copy = await english(house, SECOND)
    assert "sizes and the table of minutes" not in chat_markdown(copy.document)


async def test_an_office_that_came_since_sees_the_groups_that_the_others_saw(store: Store) -> None:
    house = await an_estimated_week(store)
    await store.registry.put_group(profile(size=400))
    await store.registry.put_office(Office("new", "新办公室", (), ()))

    await house.tick("2026-10-20 08:30")

    first = await figures(store, FIRST)
    assert (await figures(store, Issue(W42, "new"))).person_hours == first.person_hours


async def test_where_nothing_was_kept_a_correction_says_that_it_estimates_by_what_is_now(
    store: Store,
) -> None:
    house = await an_estimated_week(store)
    house.publish = replace(house.publish, backgrounds=None)
    await store.registry.put_group(profile(size=400))

    was, now = await corrected_hours(store, house)

    assert now.high > was.high
    assert "人时按现在的人数和分钟表估算" in await words(store, SECOND)


async def test_a_group_that_came_since_is_in_no_correction(store: Store) -> None:
    house = await an_estimated_week(store)
    await store.registry.put_group(profile("g-9", "u-9"))

    await corrected_hours(store, house)

    was, now = await figures(store, FIRST), await figures(store, SECOND)
    assert now.groups.keys() == was.groups.keys()


class Returned:
    """What an office returned; asked twice, it would be gone from the next digest."""

    def __init__(self) -> None:
        self.asked: list[Week] = []

    async def take(self, _office: Office, digest: Week) -> None:
        self.asked.append(digest)


async def test_a_correction_takes_no_complaint_figures_that_came_since(store: Store) -> None:
    house = await an_estimated_week(store)
    returned = Returned()
    house.publish = replace(house.publish, returned=returned)  # type: ignore[arg-type]

    await corrected_hours(store, house)

    assert returned.asked == []
    was, now = await figures(store, FIRST), await figures(store, SECOND)
    assert (now.complaints, now.next_week) == (was.complaints, was.next_week)


async def test_what_was_kept_of_a_week_stays_and_goes_with_its_facts(store: Store) -> None:
    house = await an_estimated_week(store)
    kept = await store.backgrounds.get(W42)
    assert kept is not None
    assert kept.groups["g-1"] == ("u-1", "civil", 40)
    assert kept.minutes == load_minutes()

    await store.backgrounds.put(W42, WeekBackground({}, None))
    assert await store.backgrounds.get(W42) == kept
    assert house.said

    await store.retention.forget_facts(W42.shifted(58))
    assert await store.backgrounds.get(W42) is None
