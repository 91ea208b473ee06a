"""/误报 and /解释 编号: who may, what is answered, and what becomes of the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain.commands import CommandCall
from bot.domain.disputes import public_id
from bot.domain.errors import UserError
from bot.domain.messages import Conversation, IncomingMessage, Route
from bot.domain.private import Opaque
from bot.domain.tallies import Counted
from bot.domain.vocabulary import Kind, Tallied
from config.filings_file import filing_vocabulary
from config.load import LOCALES, load_texts
from config.policy_file import load_limits
from config.rulebook import load_rulebook
from handlers.commands.asked import Asked
from handlers.commands.dispute import Dispute
from handlers.commands.explain import Explain
from handlers.commands.status import Status
from handlers.dispute_counts import DisputeCounts
from handlers.ports import Role
from storage.store import Store, open_store
from tests.scenarios.running_bot import MovedClock
from tests.scenarios.week_end_house import profile
from tests.storage.entries import WEEK, demand, reminder, tag_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEDNESDAY = datetime(2026, 10, 14, 11, tzinfo=SHANGHAI)
NEXT_WEEK = datetime(2026, 10, 20, 11, tzinfo=SHANGHAI)
OURS, THEIRS = profile("g-1", "u-1"), profile("g-2", "u-2")
ID, OTHER_ID = public_id(tag_of("a")), public_id(tag_of("d"))
ADMIN = {Role.GROUP_ADMIN: frozenset({OURS.code})}
OFFICE = {Role.OFFICE: frozenset({"*"})}
LONGEST_MARKDOWN = 2048


@pytest.fixture
async def store(sqlite_url, tmp_path):
    async with open_store(sqlite_url, tmp_path / "keys", lambda size: b"k" * size) as opened:
        for group in (OURS, THEIRS):
            await opened.registry.put_group(group)
        await opened.books.record(
            [
                demand("a", kinds=(Kind.CHECK_IN,), rules=("check_in.named", "cue.classes")),
                demand("d", group=THEIRS.code, unit="u-2"),
            ]
        )
        yield opened


class Office:
    """The commands around one store, as the bot wires them."""

    def __init__(self, store: Store, locale: str = "zh-CN") -> None:
        self.texts = load_texts(locale)
        self.clock = MovedClock(WEDNESDAY)
        counts = DisputeCounts(store.disputes, self.clock, SHANGHAI)
        self._dispute = Dispute(counts, store.registry, self.texts, filing_vocabulary().kinds)
        self._explain = Explain(
            say=lambda words, _at, _group: f"judged {words}",
            nowhere=OURS,
            counts=counts,
            rulebook=load_rulebook(),
            registry=store.registry,
            texts=self.texts,
            clock=self.clock,
        )
        self._status = Status(
            store.books,
            store.disputes,
            store.registry,
            load_limits,
            load_rulebook(),
            self.texts,
            self.clock,
        )

    async def dispute(
        self, argument: str, roles: Mapping[Role, frozenset[str]] = ADMIN, *, in_group: bool = True
    ) -> str:
        return (await self._dispute(asked(argument, roles, in_group=in_group))).text

    async def explain(
        self, argument: str, roles: Mapping[Role, frozenset[str]] = ADMIN, *, in_group: bool = True
    ) -> str:
        return (await self._explain(asked(argument, roles, in_group=in_group))).text

    async def status(self) -> str:
        return (await self._status(asked("", {}))).text


def asked(argument: str, roles: Mapping[Role, frozenset[str]], *, in_group: bool = True) -> Asked:
    message = IncomingMessage(
        platform="wecom",
        account="ww1",
        route=Route.WECOM_AIBOT,
        key=Opaque("m"),
        conversation=Conversation(in_group, Opaque("wr1")),
        sender=Opaque("li.hua"),
        sent_at=WEDNESDAY,
        is_addressed=True,
    )
    return Asked(message, CommandCall("dispute", argument), OURS if in_group else None, roles)


async def episodes(store: Store) -> dict[str, int]:
    counted: dict[str, int] = {}
    measure: Counted = Tallied.EPISODES
    for group in (OURS, THEIRS):
        table = await store.books.standing(group.code, WEEK)
        counted[group.code] = sum(n for cell, n in table if cell.measure is measure)
    return counted


async def test_from_the_status_to_a_number_that_is_taken_out(store: Store) -> None:
    office = Office(store)
    assert (
        f"- {ID} 周一上午 工作要求（打卡接龙） 〔打卡、签到、接龙、点名〕" in await office.status()
    )

    filed = await office.dispute(ID)
    assert "等办公室认定" in filed
    assert "（已提异议）" in await office.status()
    assert await episodes(store) == {"g-1": 1, "g-2": 1}

    waiting = await office.dispute("", OFFICE, in_group=False)
    assert f"{ID} 2026-W42 群g-1：周一上午 工作要求（打卡接龙）" in waiting
    decided = await office.dispute(f"成立 {ID}", OFFICE, in_group=False)

    assert "已去掉" in decided
    assert await episodes(store) == {"g-1": 0, "g-2": 1}
    assert ID not in await office.status()


async def test_a_closed_week_is_corrected_and_not_changed(store: Store) -> None:
    office = Office(store)
    await office.dispute(ID)
    await store.ledger.close(WEEK, NEXT_WEEK, "1")
    office.clock.moment = NEXT_WEEK

    decided = await office.dispute(f"{ID} 成立", OFFICE, in_group=False)

    assert "下一期周报里更正" in decided
    assert [one.n for one in await store.disputes.corrections(WEEK.shifted(1))] == [1]


async def test_the_admin_may_think_better_of_it(store: Store) -> None:
    office = Office(store)
    await office.dispute(ID)

    assert "已撤回" in await office.dispute(f"撤回 {ID}")
    assert "先前已经撤回" in await office.dispute(f"撤回{' '}{ID}")
    assert "已提出" in await office.dispute(ID.lower())
    assert "已经提过" in await office.dispute(f"#{ID}")


async def test_an_admin_without_an_id_sees_all_that_can_be_disputed(store: Store) -> None:
    office = Office(store)
    nine = ("1", "2", "3", "4", "5", "6", "7", "8", "9")
    await store.books.record([demand(name, weekday=3, hour=15) for name in nine])
    await store.ledger.close(WEEK, NEXT_WEEK, "1")
    office.clock.moment = NEXT_WEEK
    await store.books.record([demand("late", week=WEEK.shifted(1))])
    await office.dispute(ID)

    told = (await office.dispute("")).splitlines()

    assert told[0] == "可以提异议的计数 11 条，新的在前："
    assert told[1].startswith(f"- {public_id(tag_of('late'))} 2026-W43")
    assert told[11] == f"- {ID} 2026-W42 群g-1：周一上午 工作要求（打卡接龙）（已提异议）"
    assert "/误报 2026-W42" in told[-1]
    assert OTHER_ID not in "".join(told)

    of_week = await office.dispute("2026-w42")
    assert "10 条" in of_week
    assert public_id(tag_of("late")) not in of_week
    assert all(public_id(tag_of(name)) in of_week for name in nine)


async def test_what_was_decided_is_not_offered_again(store: Store) -> None:
    office = Office(store)
    await store.books.record([demand("b"), demand("c")])
    await office.dispute(public_id(tag_of("b")))
    await office.dispute(f"撤回 {public_id(tag_of('b'))}")
    for name, decision in (("a", "成立"), ("c", "不成立")):
        await office.dispute(public_id(tag_of(name)))
        await office.dispute(f"{decision} {public_id(tag_of(name))}", OFFICE, in_group=False)

    told = (await office.dispute("")).splitlines()

    assert told[0] == "可以提异议的计数 1 条，新的在前："
    assert told[1].startswith(f"- {public_id(tag_of('b'))} ")
    assert "已提异议" not in told[1]


async def test_whoever_is_of_the_office_too_sees_what_waits_and_their_own_by_the_week(
    store: Store,
) -> None:
    office = Office(store)

    waiting = await office.dispute("", ADMIN | OFFICE, in_group=False)
    own = await office.dispute("2026-W42", ADMIN | OFFICE, in_group=False)

    assert "没有等待认定的异议" in waiting
    assert "列出那一周的计数" in waiting
    assert ID in own
    assert OTHER_ID not in own


@pytest.mark.parametrize(
    ("argument", "roles", "in_group", "refusal"),
    [
        ("2026-W42", OFFICE, False, "admin_only"),
        ("2026-W42", {}, True, "not_yours"),
        ("2026-W34", ADMIN, True, "no_week"),
        ("2026-W43", ADMIN, True, "no_week"),
        ("2026-W54", ADMIN, True, "no_id"),
        (ID, {}, True, "not_yours"),
        (ID, {Role.BOT_ADMIN: frozenset({"*"})}, True, "not_yours"),
        (ID, {Role.GROUP_ADMIN: frozenset({THEIRS.code})}, True, "not_yours"),
        (OTHER_ID, ADMIN, True, "unknown"),
        (OTHER_ID, ADMIN, False, "unknown"),
        ("各村", ADMIN, True, "no_id"),
        (f"成立 {ID}", ADMIN, True, "office_only"),
        (f"成立 {ID}", ADMIN, False, "office_only"),
        (ID, OFFICE, False, "admin_only"),
        (f"成立 {ID}", OFFICE, True, "not_yours"),
        (f"成立 {ID}", {Role.OFFICE: frozenset({"u-2"})}, False, "unknown"),
        (f"成立 {ID}", OFFICE, False, "undisputed"),
        (f"不成立 {ID}", {**ADMIN, **OFFICE}, False, "two_persons"),
    ],
)
async def test_who_may_not_and_what_cannot_be_is_refused(
    store: Store, argument: str, roles: Mapping[Role, frozenset[str]], in_group: bool, refusal: str
) -> None:
    with pytest.raises(UserError, match=refusal):
        await Office(store).dispute(argument, roles, in_group=in_group)
    assert await episodes(store) == {"g-1": 1, "g-2": 1}


async def test_a_count_of_two_months_ago_is_left_alone(store: Store) -> None:
    office = Office(store)
    office.clock.moment = datetime(2026, 12, 15, 11, tzinfo=SHANGHAI)

    with pytest.raises(UserError, match="unknown"):
        await office.dispute(ID)


async def test_decided_is_decided(store: Store) -> None:
    office = Office(store)
    await office.dispute(ID)
    assert "照常计数" in await office.dispute(f"驳回 {ID}", OFFICE, in_group=False)

    with pytest.raises(UserError, match=r"refused\.rejected"):
        await office.dispute(ID)
    assert "先前" in await office.dispute(f"不成立 {ID}", OFFICE, in_group=False)
    assert "（异议未成立）" in await office.status()


async def test_an_id_is_explained_by_rules_version_and_policy_without_words(store: Store) -> None:
    told = await Office(store).explain(ID)

    assert told.splitlines()[0] == f"{ID}：2026-W42 周一上午 工作要求（打卡接龙）。"
    assert "〔check_in.named〕" in told
    assert "《关于防治“指尖上的形式主义”的若干意见》" in told
    assert "2026.1" in told


async def test_members_are_told_of_their_own_group_s_counts_only(store: Store) -> None:
    assert await Office(store).explain(ID, {})
    for typed, in_group in ((OTHER_ID, True), (ID, False)):
        with pytest.raises(UserError, match="unknown"):
            await Office(store).explain(typed, {}, in_group=in_group)


async def test_what_only_looks_like_an_id_is_judged(store: Store) -> None:
    assert await Office(store).explain("report") == "judged report"
    assert await Office(store).explain("各村报数123") == "judged 各村报数123"


@pytest.mark.parametrize("locale", LOCALES)
async def test_all_of_it_fits_a_message(store: Store, locale: str) -> None:
    await store.books.record(
        [demand(f"n{n}", kinds=tuple(Kind), rules=("screenshot_report.proof",)) for n in range(25)]
        + [reminder("r", of="n1")]
    )
    office = Office(store, locale)
    for count in await store.disputes.latest(OURS.code, WEEK, 30):
        await office.dispute(count.id)

    waiting = await office.dispute("", OFFICE, in_group=False)
    for shown in (await office.status(), await office.dispute("", ADMIN), waiting):
        assert len(shown.encode()) <= LONGEST_MARKDOWN
        assert "{" not in shown


async def test_the_office_decides_by_the_buttons_of_the_list_and_an_admin_sees_none(store) -> None:
    office = Office(store)
    await office.dispute(ID)
    both = ADMIN | OFFICE

    reply = await office._dispute(asked("", OFFICE, in_group=False))
    assert reply.card is not None
    assert [choice.argument for choice in reply.card.choices] == [f"成立 {ID}", f"不成立 {ID}"]
    assert ID in reply.card.text
    assert (await office._dispute(asked("", ADMIN))).card is None
    # Whoever administers the group as well does not decide on it.
    assert (await office._dispute(asked("", both, in_group=False))).card is None

    said = await office.dispute(reply.card.choices[0].argument, OFFICE, in_group=False)
    assert said.startswith("认定成立")
