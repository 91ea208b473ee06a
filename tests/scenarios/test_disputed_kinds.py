"""/误报 编号 填表报数: a kind of a count is called wrong, from the chat to the digest."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.disputes import DisputeState, public_id
from bot.domain.errors import UserError
from bot.domain.issues import Issue
from bot.domain.log_checks import check
from bot.domain.periods import Week
from bot.domain.vocabulary import Kind, Measure
from bot.renderings.forms import FORMS, rendered
from bot.renderings.json_document import decode_digest
from bot.terminal.verifying import International, read_set
from config.load import LOCALES
from handlers.commands.dispute import LONGEST_CHOICE
from storage.store import Store, open_store
from tests.scenarios.lived_week import keeper
from tests.scenarios.test_corrections import (
    COUNTY,
    FIRST,
    SECOND,
    W42,
    W43,
    a_published_week,
    figures,
    words,
)
from tests.scenarios.test_disputes import ADMIN, LONGEST_MARKDOWN, NEXT_WEEK, OFFICE, OURS, asked
from tests.scenarios.test_disputes import Office as Commands
from tests.storage.entries import WEEK, demand, reminder, tag_of

FORM, SCREENSHOT = Kind.FORM_FILLING, Kind.SCREENSHOT_REPORT
ID, PRESSED_ID, BARE_ID = (public_id(tag_of(name)) for name in ("both", "pressed", "bare"))


@pytest.fixture
async def store(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(sqlite_url, tmp_path / "keys", lambda size: b"k" * size) as opened:
        await opened.registry.put_group(OURS)
        await opened.books.record(
            [
                demand("both", kinds=(SCREENSHOT, FORM), weekday=2),
                demand("bare", kinds=(), weekday=3, hour=15),
            ]
        )
        yield opened


async def counted(store: Store, measure: Measure) -> int:
    table = await store.books.standing(OURS.code, WEEK)
    return sum(n for cell, n in table if cell.measure is measure)


async def test_from_a_kind_too_many_to_a_count_with_the_right_one(store: Store) -> None:
    commands = Commands(store)

    filed = await commands.dispute(f"{ID} 填表报数")
    assert filed.startswith(
        f"已对 {ID}（周二上午 工作要求（截图上报、填表报数））中的填表报数提出异议"
    )
    assert "没有类别" not in filed
    assert "（已异议：填表报数）" in await commands.status()
    assert "（已异议：填表报数）" in await commands.dispute("")
    assert "（已异议：填表报数）" in await commands.explain(ID)
    assert await counted(store, Measure.FORM_FILLING) == 1

    waiting = await commands.dispute("", OFFICE, in_group=False)
    assert (
        f"{ID} 2026-W42 群g-1：周二上午 工作要求（截图上报、填表报数），只对填表报数提出"
        in waiting
    )
    decided = await commands.dispute(f"成立 {ID}", OFFICE, in_group=False)

    assert decided == (
        f"认定成立：{ID}，周二上午 工作要求（截图上报、填表报数），其中填表报数不算。"
        "本周已不计入填表报数，这一条仍计数。"
    )
    assert await counted(store, Measure.FORM_FILLING) == 0
    assert await counted(store, Measure.SCREENSHOT_REPORT) == 1
    left = f"{ID} 周二上午 工作要求（截图上报）"
    # No rule of a kind that it is not counted with is told as the reason.
    assert f"{left} 〔措辞〕（认定不算：填表报数）" in await commands.status()
    assert "（认定不算：填表报数）" in await commands.explain(ID)
    assert ID not in await commands.dispute("")


async def test_the_office_rejects_it_and_all_stays_as_it_was(store: Store) -> None:
    commands = Commands(store)
    await commands.dispute(f"{ID} 填表报数")

    said = await commands.dispute(f"不成立 {ID}", OFFICE, in_group=False)

    assert said.endswith("填表报数照常计数。")
    assert await counted(store, Measure.FORM_FILLING) == 1
    assert "（异议未成立：填表报数）" in await commands.status()
    with pytest.raises(UserError, match=r"refused\.rejected"):
        await commands.dispute(f"{ID} 截图上报")


async def test_an_admin_thinks_better_of_the_kind(store: Store) -> None:
    commands = Commands(store)
    await commands.dispute(f"{ID} 填表")

    assert "已经提过" in await commands.dispute(f"{ID} form_filling")
    for other in (f"{ID} 截图上报", f"{ID} 截图上报、填表报数", ID):
        with pytest.raises(UserError, match=r"refused\.open"):
            await commands.dispute(other)
    assert "已撤回" in await commands.dispute(f"撤回 {ID}")
    assert "截图上报" in await commands.dispute(f"{ID} 截图上报")
    assert "只对截图上报提出" in await commands.dispute("", OFFICE, in_group=False)


async def test_what_is_left_without_a_kind_is_said_to_count_still(store: Store) -> None:
    commands = Commands(store)

    filed = await commands.dispute(f"{ID} 截图上报，填表报数")

    assert filed.splitlines()[1:] == [
        f"成立后这一条没有类别了，仍算一条。整条不该计的，先撤回，再发“/误报 {ID}”。"
    ]
    await commands.dispute(f"成立 {ID}", OFFICE, in_group=False)
    assert f"- {ID} 周二上午 工作要求 " in await commands.status()


async def test_a_reminder_that_has_the_kind_too_is_named_by_its_own_id(store: Store) -> None:
    commands = Commands(store)
    await store.books.record([reminder("pressed", of="both", weekday=4)])
    still = f"同一件里的{PRESSED_ID}也记了填表报数，各按编号另提；不提，这一件仍计入填表报数。"

    assert still in await commands.dispute(f"{ID} 填表报数")
    assert still in await commands.dispute(f"成立 {ID}", OFFICE, in_group=False)
    assert await counted(store, Measure.FORM_FILLING) == 1
    assert "同一件里" not in await commands.dispute(f"{PRESSED_ID} 填表报数")
    await commands.dispute(f"成立 {PRESSED_ID}", OFFICE, in_group=False)

    assert await counted(store, Measure.FORM_FILLING) == 0
    assert await counted(store, Measure.REPEAT) == 1


async def test_a_reminder_is_not_said_to_have_what_only_the_notice_has(store: Store) -> None:
    await store.books.record([reminder("pressed", of="both", weekday=4)])

    filed = await Commands(store).dispute(f"{ID} 截图上报、填表报数")

    assert filed.endswith(
        f"同一件里的{PRESSED_ID}也记了填表报数，各按编号另提；不提，这一件仍计入填表报数。"
    )


@pytest.mark.parametrize(
    ("argument", "roles", "in_group", "refusal"),
    [
        (f"{ID} 会议", ADMIN, True, "not_its_kind"),
        (f"{ID} 填表报数 会议", ADMIN, True, "not_its_kind"),
        (f"{ID} 各村", ADMIN, True, "not_its_kind"),
        (f"{ID} 催办", ADMIN, True, "not_its_kind"),
        (f"{BARE_ID} 会议", ADMIN, True, "without_kinds"),
        ("填表报数", ADMIN, True, "no_id"),
        ("2026-W42 填表报数", ADMIN, True, "no_id"),
        (f"{ID} 填表报数", OFFICE, False, "admin_only"),
        (f"成立 {ID} 填表报数", ADMIN, True, "office_only"),
        (f"成立 {ID} 填表报数", OFFICE, False, "undisputed"),
        (f"成立 {ID} 同意", OFFICE, False, "no_id"),
        (f"撤回 {ID} 填表报数", ADMIN, True, "undisputed"),
    ],
)
async def test_what_cannot_be_meant_is_refused_with_what_can(
    store: Store, argument: str, roles, in_group: bool, refusal: str
) -> None:
    commands = Commands(store)
    with pytest.raises(UserError, match=refusal) as refused:
        await commands.dispute(argument, roles, in_group=in_group)

    if refusal == "not_its_kind":
        said = commands.texts(refused.value.key, **refused.value.values)
        assert "它记的是：截图上报、填表报数" in said
        assert "各村" not in said
    assert await store.disputes.listed(set(DisputeState)) == []


async def test_a_button_decides_on_what_it_was_shown_with(store: Store) -> None:
    """Meanwhile the admin took it back and called the whole count wrong."""
    commands = Commands(store)
    await commands.dispute(f"{ID} 填表报数")
    card = (await commands._dispute(asked("", OFFICE, in_group=False))).card
    assert card is not None
    arguments = [choice.argument for choice in card.choices]
    assert arguments == [f"成立 {ID} 填表报数", f"不成立 {ID} 填表报数"]
    assert "只对填表报数提出" in card.text
    await commands.dispute(f"撤回 {ID}")
    await commands.dispute(ID)

    for argument in arguments:
        with pytest.raises(UserError, match=r"refused\.open"):
            await commands.dispute(argument, OFFICE, in_group=False)

    await commands.dispute(f"撤回 {ID}")
    await commands.dispute(f"{ID} 填表报数")
    said = await commands.dispute(arguments[0], OFFICE, in_group=False)
    assert said.startswith("认定成立")
    assert "先前" in await commands.dispute(arguments[0], OFFICE, in_group=False)


@pytest.mark.parametrize("locale", LOCALES)
async def test_what_waits_fits_a_message_however_many_kinds_are_disputed(
    store: Store, locale: str
) -> None:
    commands = Commands(store, locale)
    await store.books.record([demand(f"n{n}", kinds=tuple(Kind), weekday=5) for n in range(12)])
    for count in await store.disputes.latest(OURS.code, WEEK, 12):
        every = "、".join(kind.value for kind in count.kinds)
        answer = await commands.dispute(f"{count.id} {every}")
        assert len(answer.encode()) <= LONGEST_MARKDOWN

    waiting = await commands._dispute(asked("", OFFICE, in_group=False))
    for shown in (waiting.text, await commands.dispute("")):
        assert len(shown.encode()) <= LONGEST_MARKDOWN
    assert waiting.text.count("2026-W42") < 12
    assert len(waiting.text.encode()) > LONGEST_CHOICE // 2


async def test_after_the_close_it_is_corrected_and_not_changed(store: Store) -> None:
    commands = Commands(store)
    await commands.dispute(f"{ID} 填表报数")
    await store.ledger.close(WEEK, NEXT_WEEK, "1")
    commands.clock.moment = NEXT_WEEK

    decided = await commands.dispute(f"成立 {ID}", OFFICE, in_group=False)

    assert "其中填表报数不算。那一周已结账，已发布的数不改，在下一期周报里更正。" in decided
    explained = await commands.explain(ID)
    assert "工作要求（截图上报、填表报数）（认定不算：填表报数）" in explained


# --- the digest ---------------------------------------------------------------------------------


async def uphold(store: Store, name: str, kinds: tuple[Kind, ...], week: Week) -> None:
    [count] = await store.disputes.found(public_id(tag_of(name)), W42, None)
    for state in (DisputeState.OPEN, DisputeState.UPHELD):
        await store.disputes.move(count, state, "office", week, kinds)


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Store]:
    url = f"sqlite+aiosqlite:///{tmp_path / 'home' / 'books.db'}"
    async with open_store(url, tmp_path / "keys-of-home", lambda n: b"k" * n) as opened:
        yield opened


async def before_the_close(store: Store) -> None:
    place = {"group": "g-1", "unit": "u-1", "line": "civil", "week": W42}
    await store.books.record(
        [demand("x", kinds=(Kind.CHECK_IN, FORM), **place), demand("y", kinds=(FORM,), **place)]
    )


async def test_the_digest_of_the_week_is_without_it(home: Store) -> None:
    await before_the_close(home)
    await uphold(home, "x", (FORM,), W42)

    await a_published_week(home)

    told = await figures(home, FIRST)
    assert (told.totals["form_filling"], told.totals["check_in"]) == (1, 4)
    assert told.totals["episodes"] == 5
    [disputed] = told.coverage.disputed
    assert (disputed.measure, disputed.disputed, disputed.upheld) == ("form_filling", 1, 1)
    assert "结账前被提出异议：填表报数1次，认定误计1次。" in await words(home, FIRST)
    assert told.corrections == ()
    kept = await home.shelf.get(FIRST)
    assert kept is not None
    [sheet] = [one for one in decode_digest(kept).document.annex if one.name == "异议"]
    assert sheet.rows == (("填表报数", "", 1, "", 1, 0, 0),)
    assert all(rendered(kept, form) for form in FORMS)


async def test_after_the_close_the_next_digest_and_a_further_issue_name_the_kind(
    home: Store, tmp_path: Path
) -> None:
    await before_the_close(home)
    house = await a_published_week(home)
    keep = keeper(home, house.clock, tmp_path / "proof-keys")
    await keep(["county"])
    published = await home.shelf.get(FIRST)
    await uphold(home, "x", (FORM,), W43)

    assert await house.publish.correct(W42, COUNTY) == SECOND
    await house.hear(W43, demands=2)
    await house.tick("2026-10-26 08:30")

    assert await home.shelf.get(FIRST) == published
    was, now = await figures(home, FIRST), await figures(home, SECOND)
    assert (was.totals["form_filling"], now.totals["form_filling"]) == (2, 1)
    assert was.totals["episodes"] == now.totals["episodes"] == 5
    assert now.corrected == {"form_filling": 1}
    said = await words(home, SECOND)
    assert "经办公室认定有误，予以剔除：多记的填表报数1件" in said
    assert "- 合计：填表报数由2件更正为1件。" in said
    assert "工作要求由" not in said
    following = await words(home, Issue(W43, "county"))
    assert "更正：2026-W42 u-1填表报数经核实减1件，已发布的数不改。" in following
    assert await house.publish.correct(W42, COUNTY) is None
    await verified(home, keep, tmp_path / "usb")


async def verified(home: Store, keep, folder: Path) -> None:
    """An auditor adds both issues up again from what the log committed to."""
    folder.mkdir()
    files = {
        f"{issue.stem}.{form}": rendered(await home.shelf.get(issue) or b"", form)
        for issue in (FIRST, SECOND)
        for form in FORMS
    }
    await keep(["county"])
    files |= await keep.proof_of(SECOND, files, auditor=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    verdict = check(read_set(folder, str(W42)), International(bytes).verify)
    assert verdict.exit_code == 0, verdict.findings


async def test_where_a_reminder_keeps_the_kind_nothing_is_corrected(home: Store) -> None:
    await before_the_close(home)
    place = {"group": "g-1", "unit": "u-1", "line": "civil", "week": W42}
    await home.books.record([reminder("press", of="x", kinds=(FORM,), **place)])
    house = await a_published_week(home)
    await uphold(home, "x", (FORM,), W43)

    assert await house.publish.correct(W42, COUNTY) is None
    await house.hear(W43, demands=2)
    await house.tick("2026-10-26 08:30")
    assert "更正：" not in await words(home, Issue(W43, "county"))
