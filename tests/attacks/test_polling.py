"""AT-6: who asks every hour, by every command and by export, learns nothing before the close.

The same week is lived twice, once with a busy week in the group of others and once with a quiet
one. Whatever an attacker can ask for must be the same, byte for byte, until the week is closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from bot.counting import Counting, open_counting
from bot.domain.disputes import public_id
from bot.domain.periods import Week
from bot.domain.spans import Span
from bot.domain.vocabulary import Kind
from bot.terminal.books import digest_files
from config.settings import Settings
from handlers.ports import Office, Role
from tests.scenarios.admin_house import OURS, THEIRS, AdminHouse
from tests.scenarios.week_end_house import FakeSpeaker, MovedClock, at
from tests.storage.entries import demand, tag_of, talk

W42 = Week(2026, 42)
BEGIN, CLOSE = at("2026-10-12 00:00"), at("2026-10-19 02:00")
HOUR = timedelta(hours=1)
CLOSE_HOUR = (CLOSE - BEGIN) // HOUR
HOURS_TO_A_TICK = 6
SECRET = "their demand"
IN_A_GROUP = ("/状态", "/状态 g-2")
ASKED = (
    "/周报",
    f"/周报 {W42}",
    f"/解释 {public_id(tag_of(f'{SECRET} 0'))}",
    f"/误报 {public_id(tag_of(f'{SECRET} 0'))}",
    "/预检 请各村今天下班前把台账报上来",
)
PEOPLE: Mapping[str, Mapping[Role, tuple[str, ...]]] = {
    "county": {Role.OFFICE: ("*",)},
    "neighbour": {Role.GROUP_ADMIN: ("g-1",), Role.OFFICE: ("u-1",)},
}


@dataclass
class Polled:
    """What came back, by hour and question."""

    answers: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def before_the_close(self) -> dict[tuple[str, str, str], str]:
        return {asked: told for asked, told in self.answers.items() if asked[0] < str(CLOSE)}

    def after_it(self) -> dict[tuple[str, str, str], str]:
        return {asked: told for asked, told in self.answers.items() if asked[0] >= str(CLOSE)}


async def polled(
    folder: Path,
    demands: int,
    people: Mapping[str, Mapping[Role, tuple[str, ...]]] = PEOPLE,
    group: str = OURS.code,
    until: datetime = CLOSE,
) -> Polled:
    """A week in which the others were asked for so much, polled every hour by these people; the last
    of them can speak in a group."""
    folder.mkdir()
    clock, found = MovedClock(BEGIN), Polled()
    async with AsyncExitStack() as resources:
        counting = await open_counting(
            Settings(data_dir=folder / "data"), clock, lambda n: b"k" * n, lambda: 0.5, resources
        )
        counting.speakers["wecom"] = FakeSpeaker()
        desk = await AdminHouse(counting.store).open()
        for who, roles in people.items():
            await desk.grant(who, roles)
        for office in (Office("county", "县", (), ()), Office("near", "乡", (OURS.unit,), ())):
            await counting.store.registry.put_office(office)
        while clock.moment <= until:
            await live(counting, clock, demands)
            desk.clock.moment = clock.moment
            for who in people:
                for text in ASKED:
                    found.answers[str(clock.moment), who, text] = await desk.say(text, who)
            for text in IN_A_GROUP:
                found.answers[str(clock.moment), who, text] = await desk.say(text, who, group)
            for name, told in (await exported(counting, folder)).items():
                found.answers[str(clock.moment), "export", name] = told
            clock.moment += HOUR
    return found


async def live(counting: Counting, clock: MovedClock, demands: int) -> None:
    """An hour: our group says the same in both worlds, theirs what the world has; at times a tick."""
    hours = int((clock.moment - BEGIN) / HOUR)
    mine = {"group": OURS.code, "unit": OURS.unit, "line": OURS.line}
    others = {"group": THEIRS.code, "unit": THEIRS.unit, "line": THEIRS.line}
    if clock.moment < at("2026-10-18 23:00"):
        counting.store.keyring.tags(W42)
        entries = [talk(f"{hours} ours", week=W42, group=OURS.code)]
        entries.append(talk(f"{hours} theirs", week=W42, group=THEIRS.code))
        if hours == 9:
            entries.append(demand("our demand", week=W42, kinds=(Kind.CHECK_IN,), **mine))
        if hours < demands:
            entries.append(demand(f"{SECRET} {hours}", week=W42, kinds=(Kind.MEETING,), **others))
        await counting.store.books.record(entries)
    if hours % HOURS_TO_A_TICK == CLOSE_HOUR % HOURS_TO_A_TICK:
        await counting.tick(_raise)


def _raise(step: str, error: Exception) -> None:
    raise AssertionError(step) from error


async def exported(counting: Counting, folder: Path) -> dict[str, str]:
    """What the command line writes of the running week and month."""
    files = await digest_files(counting, W42, folder / "out", ("json",))
    found = {path.name: path.read_text("utf-8") for path in files if path.suffix == ".json"}
    for office in counting.publish.offices():
        month = await counting.closings.so_far(Span.month("2026-10"), office)
        found[f"month of {office.code}"] = str(month)
    return found


def differing(one: Mapping[object, str], other: Mapping[object, str]) -> set[object]:
    return {asked for asked in one.keys() | other.keys() if one.get(asked) != other.get(asked)}


async def test_polling_every_hour_tells_nothing_before_the_close(tmp_path: Path) -> None:
    quiet = await polled(tmp_path / "quiet", 1)
    busy = await polled(tmp_path / "busy", 30)

    assert len(quiet.before_the_close()) > 168 * len(PEOPLE) * len(ASKED)
    assert differing(quiet.before_the_close(), busy.before_the_close()) == set()
    # The control: the same questions tell it once the week is closed and published.
    told = {asked[1:] for asked in differing(quiet.after_it(), busy.after_it())}
    assert ("county", "/周报") in told
    assert ("export", f"digest-{W42}-county.json") in told
    assert ("export", "month of county") in told
    assert not any(who == "neighbour" for who, _ in told)
    assert ("export", f"digest-{W42}-near.json") not in told


async def test_who_may_see_the_group_is_told_at_once(tmp_path: Path) -> None:
    """The control of the attack itself: in that group itself the same poll tells."""
    admin = {"theirs": {Role.GROUP_ADMIN: ("g-2",)}}
    soon = BEGIN + 6 * HOUR
    quiet = await polled(tmp_path / "quiet", 1, admin, THEIRS.code, soon)
    busy = await polled(tmp_path / "busy", 30, admin, THEIRS.code, soon)

    told = differing(quiet.before_the_close(), busy.before_the_close())
    assert min(asked[0] for asked in told) == str(BEGIN + HOUR)  # type: ignore[index]
