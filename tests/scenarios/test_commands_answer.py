"""What the commands say, as a group reads it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from types import MappingProxyType

import pytest

from bot.domain.commands import CommandCall
from bot.domain.disputes import Correction, DisputeState, Moved, PublicCount
from bot.domain.errors import GroupNotRegistered, UserError
from bot.domain.groups import GroupCode, GroupProfile
from bot.domain.messages import Conversation, IncomingMessage, Quote, Route
from bot.domain.periods import Week
from bot.domain.private import Opaque, PrivateText
from bot.domain.vocabulary import Kind
from bot.routes import command_table
from config.load import LOCALES, load_texts
from config.policy_file import load_limits
from config.rulebook import load_rulebook
from config.settings import LONGEST_WINDOW
from handlers.commands.asked import Asked
from handlers.commands.explain import Explain
from handlers.commands.help import Help
from handlers.commands.privacy import Privacy
from handlers.commands.status import Status
from handlers.complaints.words import ComplaintWords
from handlers.dispute_counts import DisputeCounts
from storage.memory import MemoryStore, memory_store
from tests.scenarios.running_bot import MovedClock
from tests.scenarios.test_reports import GROUP
from tests.storage.entries import demand

WEDNESDAY = datetime(2026, 10, 14, 3, 0, tzinfo=UTC)
TEXTS = load_texts("zh-CN")
LONGEST_MARKDOWN = 2048


def asked(
    argument: str = "", *, group: GroupProfile | None = GROUP, is_group: bool = True,
    quoted: str = "",
) -> Asked:  # fmt: skip
    message = IncomingMessage(
        platform="wecom",
        account="ww1",
        route=Route.WECOM_AIBOT,
        key=Opaque("m"),
        conversation=Conversation(is_group, Opaque("wr1")),
        sender=Opaque("li.hua"),
        sent_at=WEDNESDAY,
        quote=Quote(PrivateText(quoted)) if quoted else None,
        is_addressed=True,
    )
    return Asked(message, CommandCall("x", argument), group, MappingProxyType({}))


@pytest.fixture
async def store() -> MemoryStore:
    made = memory_store(bytes)
    await made.registry.put_group(GROUP)
    return made


class NoCounts:
    """Shows no single count."""

    async def latest(self, group: GroupCode, week: Week, most: int) -> Sequence[PublicCount]:
        return ()

    async def undecided(
        self, groups: Collection[GroupCode], since: Week, until: Week, most: int
    ) -> tuple[Sequence[PublicCount], int]:
        return (), 0

    async def found(
        self, written: str, since: Week, groups: Collection[GroupCode] | None
    ) -> Sequence[PublicCount]:
        return ()

    async def listed(self, states: Collection[DisputeState]) -> Sequence[PublicCount]:
        return ()

    async def move(self, count: PublicCount, wanted: DisputeState, by: str, now: Week) -> Moved:
        return Moved.REFUSED

    async def corrections(self, decided_in: Week) -> Sequence[Correction]:
        return ()


def status(store: MemoryStore) -> Status:
    return Status(
        store.books,
        NoCounts(),
        store.registry,
        load_limits,
        load_rulebook(),
        TEXTS,
        MovedClock(WEDNESDAY),
    )


async def test_a_group_reads_its_week_with_limits_and_their_basis(store: MemoryStore) -> None:
    own = {"group": GROUP.code, "unit": GROUP.unit, "line": GROUP.line}
    await store.books.record(
        [demand(f"c{n}", weekday=3, kinds=(Kind.CHECK_IN,), **own) for n in range(3)]
        + [demand("f1", weekday=3, kinds=(Kind.FORM_FILLING,), ping=True, off_hours=True, **own)]
    )

    reply = (await status(store)(asked())).text

    assert reply.splitlines()[0] == "**综治群 · 本周截至现在**"
    assert "工作要求 4 件" in reply
    assert "打卡接龙：3件，限额每日2件" in reply
    assert "超出1件" in reply
    assert "非工作时间@提醒：1次，限额每周0次" in reply
    assert "- 填表报数：1件" in reply
    assert "只看得到@轻装" in reply
    assert len(reply.encode()) <= LONGEST_MARKDOWN


async def test_a_quiet_group_reads_that_nothing_was_counted(store: MemoryStore) -> None:
    reply = (await status(store)(asked())).text

    assert "没有数到工作要求" in reply


async def test_nobody_reads_a_group_s_numbers_outside_it(store: MemoryStore) -> None:
    with pytest.raises(UserError, match="ask_in_group"):
        await status(store)(asked(is_group=False, group=None))


async def test_a_group_that_is_not_registered_is_told_so(store: MemoryStore) -> None:
    with pytest.raises(GroupNotRegistered):
        await status(store)(asked(group=None))


@pytest.mark.parametrize("locale", LOCALES)
async def test_help_lists_every_command_once_and_fits_a_message(locale: str) -> None:
    texts = load_texts(locale)
    table = command_table(texts)

    reply = (await Help(table, texts, "县减负专班")(asked())).text

    words = ("状态", "解释", "隐私", "帮助") if locale == "zh-CN" else ("status", "explain")
    assert all(reply.count(f"**/{word}**") == 1 for word in words)
    assert len(reply.encode()) <= LONGEST_MARKDOWN


@pytest.mark.parametrize("locale", LOCALES)
async def test_the_notices_fit_a_message(locale: str) -> None:
    texts = load_texts(locale)

    shown = (await Privacy(texts, "县减负专班")(asked())).text
    notice = ComplaintWords(texts, "县减负专班", "窗" * LONGEST_WINDOW).notice(
        ["A1B2 C3D4 E5F6 A7B8", "0000 1111 2222 3333"], "intl"
    )

    for text in (shown, notice):
        assert 0 < len(text.encode()) <= LONGEST_MARKDOWN


def explain(heard: list[tuple[str, str]]) -> Explain:
    def say(words: str, at: datetime, group: GroupProfile) -> str:
        heard.append((words, group.code))
        return "因为"

    clock = MovedClock(WEDNESDAY)
    return Explain(
        say=say,
        nowhere=GROUP,
        counts=DisputeCounts(NoCounts(), clock, GROUP.zone),
        rulebook=load_rulebook(),
        registry=memory_store(bytes).registry,
        texts=TEXTS,
        clock=clock,
    )


async def test_explain_takes_what_was_pasted_else_what_was_quoted() -> None:
    heard: list[tuple[str, str]] = []

    await explain(heard)(asked("各村报表"))
    await explain(heard)(asked(quoted="各组截图"))

    assert [words for words, _ in heard] == ["各村报表", "各组截图"]


async def test_explain_without_words_says_how_to_ask() -> None:
    with pytest.raises(UserError, match="usage"):
        await explain([])(asked())
