"""Every command that administers, around one store, asked as the front desk asks them."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from itertools import count
from zoneinfo import ZoneInfo

from bot.domain.commands import CommandCall, Unrecognised
from bot.domain.disputes import PublicCount
from bot.domain.groups import GroupCode
from bot.domain.issues import Issue
from bot.domain.judging import Judge
from bot.domain.messages import Conversation, IncomingMessage, Reply, Route
from bot.domain.periods import Week
from bot.domain.private import Opaque, PrivateText
from bot.renderings.chat_markdown import chat_markdown
from bot.renderings.json_document import decode_digest
from bot.routes import command_table
from bot.routing import Router
from config.calendar import load_calendar
from config.filings_file import filing_vocabulary
from config.load import load_texts
from config.policy_file import load_policy
from config.rulebook import load_rulebook
from handlers.commands.asked import Asked, Command
from handlers.commands.calendar import Calendar
from handlers.commands.confirm import Confirm, Confirmations
from handlers.commands.digest import DigestOnAsking
from handlers.commands.dispute import Dispute
from handlers.commands.emergency import Emergency
from handlers.commands.enter import Enter
from handlers.commands.explain import Explain
from handlers.commands.help import Help
from handlers.commands.limits import Limits
from handlers.commands.precheck import Precheck
from handlers.commands.privacy import Privacy
from handlers.commands.register import Register
from handlers.commands.status import Status
from handlers.dispute_counts import DisputeCounts
from handlers.explain_text import ExplainText
from handlers.keep_filings import KeepFilings
from handlers.keep_limits import KeepLimits
from handlers.keep_registers import KeepRegisters
from handlers.limit_ports import Candidate
from handlers.ports import Office, Role
from handlers.tell_seconds import TellSecondPersons
from storage.memory import MemoryStore
from storage.store import Store
from tests.scenarios.running_bot import MovedClock
from tests.scenarios.test_commands_answer import NoCounts
from tests.scenarios.week_end_house import OFFICE_HOURS, profile

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEDNESDAY = datetime(2026, 10, 14, 11, tzinfo=SHANGHAI)
OURS, THEIRS = profile("g-1", "u-1"), profile("g-2", "u-2")
CHATS = {"g-1": Opaque("chat-1"), "g-2": Opaque("chat-2")}
OFFICE_TITLE = "县减负专班"


@cache
def judge() -> Judge:
    """The shipped rulebook, read once."""
    return Judge(load_rulebook(), load_calendar())


class NoMatches:
    """Finds nothing that rests on a register."""

    async def match(self, count: PublicCount, number: str) -> bool:
        return False

    async def candidates(self, week: Week, group: GroupCode | None = None) -> Sequence[Candidate]:
        return ()


class AdminHouse:
    """`issued` is what the office let go or had corrected. People speak by their name; `roles` are granted in the store."""

    def __init__(self, store: Store | MemoryStore, locale: str = "zh-CN") -> None:
        self.store, self.texts, self.clock = store, load_texts(locale), MovedClock(WEDNESDAY)
        disputes = store.disputes if isinstance(store, Store) else NoCounts()
        matches = store.matches if isinstance(store, Store) else NoMatches()
        counts = DisputeCounts(disputes, self.clock, SHANGHAI)
        policy = load_policy()
        self.limits = KeepLimits(store.limit_log, policy.limits, self.clock, SHANGHAI)
        self.registers = KeepRegisters(
            store.registers, matches, counts, self.clock, SHANGHAI, policy.yearly
        )
        self.filings = KeepFilings(self.registers, store.keyring)
        self._numbers, self.issued = count(), list[str]()
        texts, clock, registry = self.texts, self.clock, store.registry
        self.seconds = TellSecondPersons(
            filings=self.filings,
            limits=self.limits,
            registry=registry,
            outbox=store.outbox,
            clock=clock,
            calendar=load_calendar(),
            hours=OFFICE_HOURS,
            zone=SHANGHAI,
            texts=texts,
        )
        table, confirmations = command_table(texts), Confirmations(clock, os.urandom)
        commands: dict[str, Command] = {
            "help": Help(table, texts, OFFICE_TITLE),
            "privacy": Privacy(texts, OFFICE_TITLE),
            "status": Status(
                store.books, disputes, registry, self.limits.today, judge().rulebook, texts, clock
            ),
            "explain": Explain(
                say=lambda words, _at, _group: "judged",
                nowhere=OURS,
                counts=counts,
                rulebook=judge().rulebook,
                registry=registry,
                texts=texts,
                clock=clock,
            ),
            "dispute": Dispute(counts, registry, texts, filing_vocabulary().kinds),
            "limits": Limits(self.limits, registry, self.seconds, texts),
            "register": Register(self.registers, self.filings, registry, confirmations, texts),
            "enter": Enter(
                self.filings, registry, confirmations, self.seconds, filing_vocabulary(), texts
            ),
            "emergency": Emergency(self.registers, registry, texts, SHANGHAI),
            "calendar": Calendar(self.registers, registry, texts),
            "precheck": Precheck(
                ExplainText(judge()), OURS, store.books, registry, self.limits.today, texts, clock
            ),
            "digest": DigestOnAsking(
                store.shelf,
                registry.offices,
                lambda kept: decode_digest(kept).document,
                chat_markdown,
                texts,
                release=self._release,
                correct=self._correct,
            ),
            "confirm": Confirm(confirmations, texts),
            **dict.fromkeys(
                ("complain", "query", "supplement", "withdraw", "told", "bind"), heard_elsewhere
            ),
        }
        self.commands = commands
        self.router = Router(table, commands, registry, texts, lambda _message: False)

    async def open(self) -> AdminHouse:
        """Two groups of two units, each with a chat; the shipped limits."""
        for group in (OURS, THEIRS):
            await self.store.registry.put_group(group)
            await self.store.registry.bind("wecom", "ww1", CHATS[group.code], group.code, False)
        await self.limits.load()
        return self

    async def grant(self, who: str, roles: Mapping[Role, Collection[str]]) -> None:
        for role, scopes in roles.items():
            for scope in scopes:
                await self.store.registry.grant(
                    "wecom", "ww1", Opaque(who), role, scope, date(2026, 10, 1)
                )

    async def revoke(self, who: str, role: Role, scope: str) -> None:
        await self.store.registry.revoke("wecom", "ww1", Opaque(who), role, scope)

    async def say(self, text: str, who: str = "zhao", group: str = "") -> str:
        """The answer to a text said in a group, or in private."""
        message = IncomingMessage(
            platform="wecom",
            account="ww1",
            route=Route.WECOM_AIBOT,
            key=Opaque(f"m{next(self._numbers)}"),
            conversation=Conversation(bool(group), CHATS[group] if group else Opaque(who)),
            sender=Opaque(who),
            sent_at=self.clock.now(),
            text=PrivateText(text),
            is_addressed=True,
        )
        call: CommandCall | Unrecognised | None = self.router.called(message)
        return "" if call is None else (await self.router.answer(message, call)).text

    async def _release(self, issue: Issue) -> bool:
        self.issued.append(f"release {issue.label} {issue.office}")
        return True

    async def _correct(self, week: Week, office: Office) -> Issue | None:
        self.issued.append(f"correct {week} {office.code}")
        return Issue(week, office.code, 2)


async def heard_elsewhere(_asked: Asked) -> Reply:
    """Stands for commands that have tests of their own."""
    return Reply("elsewhere")
