"""What is kept of a chat's changes, and for how long."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from bot.domain.errors import BooksUnavailable
from bot.domain.group_events import GroupChange, GroupEvent
from bot.domain.groups import GroupCode
from bot.domain.private import Opaque
from handlers.note_group_events import NoteGroupEvents, confirmed, noted

G01 = GroupCode("G01")


@dataclass
class Desk:
    """One bound chat, a place to keep things in, and what the operator was told."""

    kept: dict[str, str] = field(default_factory=dict)
    told: list[tuple[str, str]] = field(default_factory=list)
    closed: bool = False
    active: bool = True

    def group_of_chat(self, platform: str, account: str, chat_id: Opaque) -> GroupCode | None:
        bound = (platform, account, chat_id.reveal()) == ("dingtalk", "ding1", "cidXyz==")
        return G01 if bound else None

    async def end_chat(self, platform: str, account: str, chat_id: Opaque) -> bool:
        if self.closed:
            raise BooksUnavailable
        was_active, self.active = self.active, False
        return was_active

    async def get(self, name: str) -> str | None:
        return self.kept.get(name)

    async def put(self, name: str, value: str) -> None:
        if self.closed:
            raise BooksUnavailable
        self.kept[name] = value

    async def note(self, change: GroupChange, chat: str = "cidXyz==") -> None:
        tell = NoteGroupEvents(self, self, lambda group, what: self.told.append((group, what)))
        await tell(GroupEvent("dingtalk", "ding1", Opaque(chat), change))


async def test_a_dissolved_group_is_told_once_and_its_binding_ends() -> None:
    desk = Desk()

    await desk.note(GroupChange.DISSOLVED)
    await desk.note(GroupChange.DISSOLVED)

    assert desk.told == [("G01", "dissolved")]
    assert (desk.active, desk.kept) == (False, {})


async def test_that_a_group_bound_again_is_dissolved_again_is_told_again() -> None:
    desk = Desk()
    await desk.note(GroupChange.DISSOLVED)

    desk.active = True
    await desk.note(GroupChange.DISSOLVED)

    assert desk.told == [("G01", "dissolved")] * 2


async def test_of_a_new_name_nothing_is_kept_but_the_fact_is_told() -> None:
    desk = Desk()

    await desk.note(GroupChange.RENAMED)

    assert (desk.told, desk.kept) == ([("G01", "renamed")], {})


async def test_a_chat_that_is_bound_to_no_group_leaves_nothing() -> None:
    desk = Desk()

    await desk.note(GroupChange.DISSOLVED, chat="cidOther==")

    assert (desk.told, desk.kept) == ([], {})


async def test_what_was_noted_stands_until_the_group_is_entered_again() -> None:
    desk = Desk()
    for _ in range(2):
        await desk.note(GroupChange.RESIZED)
    assert await noted(G01, desk) == {GroupChange.RESIZED}
    assert desk.told == [("G01", "resized")]
    assert "cidXyz" not in repr(desk.kept)

    await confirmed(G01, desk)
    assert await noted(G01, desk) == frozenset()

    await desk.note(GroupChange.RESIZED)
    assert desk.told == [("G01", "resized")] * 2


@pytest.mark.parametrize("change", [GroupChange.DISSOLVED, GroupChange.RESIZED])
async def test_nobody_is_told_what_could_not_be_noted(change: GroupChange) -> None:
    desk = Desk(closed=True)

    with pytest.raises(BooksUnavailable):
        await desk.note(change)

    assert desk.told == []
