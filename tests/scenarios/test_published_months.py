"""Months and quarters: published once, the same bytes for ever, in the log, and corrected."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from bot.crypto.international import International
from bot.crypto.log_signing import FolderSigningKeys
from bot.domain.disputes import DisputeState, public_id
from bot.domain.issues import ClosingIssue, Issue
from bot.domain.log_checks import check
from bot.domain.log_leaves import LeafKind
from bot.domain.periods import Week
from bot.domain.spans import Span
from bot.domain.verdicts import Failure, Verdict
from bot.renderings.chat_markdown import chat_markdown
from bot.renderings.json_document import decode_closing, encode_closing
from bot.terminal.verifying import read_set
from handlers.keep_log import KeepLog
from handlers.ports import Office
from handlers.publish_closings import PublishClosings
from storage.key_files import KeyFolder
from storage.store import Store, open_store
from tests.scenarios.week_end_house import COUNTY, SHANGHAI, House, at, profile
from tests.scenarios.week_end_house import house as memory_house
from tests.storage.entries import tag_of

OCTOBER, QUARTER = Span.month("2026-10"), Span.quarter("2026Q4")
W41, W42, W44 = Week(2026, 41), Week(2026, 42), Week(2026, 44)
MONTH = ClosingIssue(OCTOBER, "county")
SIGNER = International(secrets.token_bytes)


@pytest.fixture
async def store(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(sqlite_url, tmp_path / "keys", secrets.token_bytes) as opened:
        yield opened


@dataclasses.dataclass
class Months:
    """A house that closes weeks, adds up months, and keeps the log."""

    house: House
    store: Store
    folder: Path

    def __post_init__(self) -> None:
        self.log = KeepLog(
            log=self.store.proof_log,
            keys=FolderSigningKeys(lambda: KeyFolder(self.folder, secrets.token_bytes), SIGNER),
            verify=SIGNER.verify,
            ledger=self.store.ledger,
            shelf=self.store.shelf,
            closings=self.store.closings,
            keyring=self.store.keyring,
            limits=self.store.limit_log,
            clock=self.house.clock,
            zone=SHANGHAI,
        )
        self.closings = PublishClosings(
            self.house.publish,
            self.store.closings,
            self.store.ledger,
            timedelta(hours=2),
            encode_closing,
            last_checkpoint=self.log.last_checkpoint,
        )

    async def look(self, moment: str) -> Sequence[str]:
        """What the schedule does; the labels of what was added up and published."""
        await self.house.tick(moment)
        new = await self.closings()
        await self.log(["county"])
        return [issue.label for issue in new]

    async def words(self, issue: ClosingIssue) -> str:
        kept = await self.store.closings.get(issue)
        assert kept is not None
        return chat_markdown(decode_closing(kept).document)

    async def usb(self, folder: Path, *issues: ClosingIssue, weeks: Sequence[Issue] = ()) -> Path:
        """The files of a span's issues with their proof, and digests of weeks beside them."""
        files = {f"{one.stem}.json": await self.store.closings.get(one) or b"" for one in issues}
        files |= await self.log.proof_of(issues[-1], files)
        files |= {f"{one.stem}.json": await self.store.shelf.get(one) or b"" for one in weeks}
        folder.mkdir()
        for name, data in files.items():
            (folder / name).write_bytes(data)
        return folder


@pytest.fixture
async def months(store: Store, tmp_path: Path) -> Months:
    """October's second and third week were heard and published."""
    spare = memory_house()
    made = Months(House(store, spare.clock, spare.speaker), store, tmp_path / "proof-keys")
    await made.house.register(profile())
    await made.house.hear(W41)
    await made.house.hear(W42, demands=5)
    await made.look("2026-10-19 08:30")
    return made


async def correct(months: Months) -> None:
    """The office finds that a count of the third week was wrong, and has the week put right."""
    disputes = months.store.disputes
    (count,) = await disputes.found(public_id(tag_of(f"{W42} {{}} 0")), W42, None)
    for state in (DisputeState.OPEN, DisputeState.UPHELD):
        await disputes.move(count, state, "office", W44)
    assert await months.house.publish.correct(W42, COUNTY)


def checked(folder: Path, label: str = "2026-10") -> Verdict:
    return check(read_set(folder, label), SIGNER.verify)


def keys(verdict: Verdict) -> set[str]:
    return {one.key for one in verdict.findings}


async def test_a_month_is_published_once_when_its_last_week_is_over(months: Months) -> None:
    assert await months.look("2026-11-02 01:59") == []
    assert await months.look("2026-11-02 02:00") == ["2026-10"]
    kept = await months.store.closings.get(MONTH)

    for _ in range(3):
        assert await months.look("2026-11-09 09:00") == []
    assert await months.store.closings.get(MONTH) == kept
    assert "2026-W40、2026-W43、2026-W44" in await months.words(MONTH)


async def test_a_month_waits_for_a_week_that_is_still_to_be_closed(months: Months) -> None:
    await months.house.hear(W44)
    months.house.clock.moment = at("2026-11-02 03:00")
    assert await months.closings() == ()

    assert await months.look("2026-11-02 03:00") == ["2026-10"]


async def test_a_month_waits_for_a_closed_week_whose_digest_is_not_composed_yet(
    months: Months,
) -> None:
    await months.house.hear(W44)
    months.house.clock.moment = at("2026-11-02 03:00")
    await months.house.close()
    assert await months.closings() == ()

    assert await months.look("2026-11-02 03:00") == ["2026-10"]
    assert decode_closing(await months.store.closings.get(MONTH) or b"").sources[str(W44)] == 1


async def test_a_quarter_is_published_when_it_is_over(months: Months) -> None:
    await months.look("2026-11-02 08:30")

    assert await months.look("2027-01-04 08:30") == ["2026Q4"]
    quarter = decode_closing(
        await months.store.closings.get(ClosingIssue(QUARTER, "county")) or b""
    )
    assert quarter.sources == {"2026-W41": 1, "2026-W42": 1}


async def test_what_is_not_over_is_told_as_what_it_is(months: Months) -> None:
    made = await months.closings.so_far(OCTOBER, COUNTY)

    assert made is not None
    assert "不是发布稿" in chat_markdown(made.document)
    assert "存证" not in made.document.closing[-1]
    assert await months.closings.so_far(OCTOBER, Office("other", "…", (), ())) is None
    assert await months.store.closings.kept("county") == []


async def test_a_week_that_is_corrected_makes_one_more_issue_of_its_month(months: Months) -> None:
    await months.look("2026-11-02 08:30")
    first = await months.store.closings.get(MONTH)

    await correct(months)
    assert await months.look("2026-11-03 08:30") == ["2026-10-r2"]
    assert await months.look("2026-11-03 09:30") == []

    second = dataclasses.replace(MONTH, number=2)
    told = await months.words(second)
    assert "第2次印发（更正）：2026-W42的周报已更正或补入" in told
    assert "工作要求由8改为7" in told
    assert await months.store.closings.get(MONTH) == first
    assert decode_closing(await months.store.closings.get(second) or b"").sources == {
        "2026-W41": 1,
        "2026-W42": 2,
    }


async def test_a_week_that_came_in_later_makes_one_more_issue(months: Months) -> None:
    await months.look("2026-11-02 08:30")

    await months.house.hear(Week(2026, 40))
    assert await months.look("2026-11-03 08:30") == ["2026-10-r2"]
    assert "2026-W40的周报已更正或补入" in await months.words(dataclasses.replace(MONTH, number=2))


async def test_a_month_is_verified_and_added_up_again_from_its_weeks(
    months: Months, tmp_path: Path
) -> None:
    await months.look("2026-11-02 08:30")
    alone = await months.usb(tmp_path / "alone", MONTH)
    weeks = [Issue(W41, "county"), Issue(W42, "county")]
    beside = await months.usb(tmp_path / "beside", MONTH, weeks=weeks)

    for folder, told in ((alone, "sources_elsewhere"), (beside, "sources_added_up")):
        verdict = checked(folder)
        assert verdict.exit_code == 0, verdict.findings
        assert told in keys(verdict)


async def test_both_issues_of_a_month_are_verified(months: Months, tmp_path: Path) -> None:
    await months.look("2026-11-02 08:30")
    await correct(months)
    await months.look("2026-11-03 08:30")
    second = dataclasses.replace(MONTH, number=2)

    folder = await months.usb(tmp_path / "usb", MONTH, second)

    verdict = checked(folder)
    assert verdict.exit_code == 0, verdict.findings
    assert verdict.files == 7  # both issues, an inclusion of each, log, checkpoint, consistency
    assert (folder / "proof-2026-10-r2-county.inclusion").is_file()


async def test_a_changed_month_is_named(months: Months, tmp_path: Path) -> None:
    await months.look("2026-11-02 08:30")
    folder = await months.usb(tmp_path / "usb", MONTH)
    file = folder / f"{MONTH.stem}.json"
    file.write_bytes(file.read_bytes().replace(b'"check_in": 8', b'"check_in": 7'))

    verdict = checked(folder)

    assert verdict.exit_code == Failure.LOG
    assert {"file_changed", "digest_differs"} <= keys(verdict)


async def test_a_month_that_is_not_the_sum_of_its_weeks_is_found_though_it_is_signed(
    months: Months, tmp_path: Path
) -> None:
    honest = months.closings.encode

    def dishonest(made: object) -> bytes:
        held = orjson.loads(honest(made))  # type: ignore[arg-type]
        held["figures"]["units"]["u-1"]["check_in"] -= 1
        held["sources"]["2026-W39"] = 1
        return orjson.dumps(held)

    object.__setattr__(months.closings, "encode", dishonest)
    await months.look("2026-11-02 08:30")
    weeks = [Issue(W41, "county"), Issue(W42, "county")]
    folder = await months.usb(tmp_path / "usb", MONTH, weeks=weeks)

    found = checked(folder)
    assert found.exit_code == Failure.LOG
    assert "source_not_logged" in keys(found)

    file = folder / f"{MONTH.stem}.json"
    held = orjson.loads(file.read_bytes())
    del held["sources"]["2026-W39"]
    file.write_bytes(orjson.dumps(held))
    (wrong,) = [one for one in checked(folder).findings if one.key == "sum_of_differs"]
    assert (wrong.values["of"], wrong.values["told"], wrong.values["counted"]) == ("u-1", "7", 8)


async def test_the_leaf_of_a_month_is_written_once_and_signed(months: Months) -> None:
    for moment in ("2026-11-02 08:30", "2026-11-02 09:30", "2026-11-02 10:30"):
        await months.look(moment)

    assert await months.store.proof_log.subjects((LeafKind.CLOSING,)) == ["closing 2026-10 county"]
    checkpoints = await months.store.proof_log.checkpoints()
    assert checkpoints[-1][0] == len(await months.store.proof_log.lines())
