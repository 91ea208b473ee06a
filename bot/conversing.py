"""What answers in private, put together: conversations about complaints, and what a text is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.counting import Counting
from bot.domain.private_hearing import PrivateHearing, Told
from config.private_cues import load_private_cues
from config.roster import load_roster
from config.settings import Settings
from handlers.commands.asked import Command
from handlers.commands.complain import Complain
from handlers.commands.query import Query
from handlers.commands.supplement import Supplement
from handlers.commands.told import ToldInPrivate
from handlers.commands.withdraw import Withdraw
from handlers.complaints.conversation import Conversations
from handlers.complaints.counters import Counters
from handlers.complaints.words import ComplaintWords
from handlers.explain_text import ExplainText


@dataclass(frozen=True, slots=True)
class Conversing:
    """The conversations, and the commands that lead to them, by name."""

    conversations: Conversations
    commands: dict[str, Command]


def open_conversations(
    settings: Settings,
    counting: Counting,
    token_bytes: Callable[[int], bytes],
) -> Conversing:
    """Everything around the box. Raises BadPolicy for a cues file and BadDirectory for a roster
    that cannot be used, and ValueError for a house that was opened to look only: it has no box."""
    if counting.complaints is None:
        raise ValueError("a house that only looks takes no complaints")
    judge, clock, texts = counting.judge, counting.clock, counting.texts
    hearing = PrivateHearing(judge.hearing, judge.rulebook.normaliser, load_private_cues())
    explain = ExplainText(judge)

    def hear(text: str) -> Told:
        counts = explain(text, clock.now(), counting.nowhere).counts
        return hearing(text, would_count=counts)

    words = ComplaintWords(texts, settings.office.title, settings.complaints.window)
    conversations = Conversations(
        box=counting.complaints.box,
        counters=Counters(token_bytes, settings.zone),
        words=words,
        texts=texts,
        clock=clock,
        zone=settings.zone,
        registry=counting.store.registry,
        roster=load_roster(settings.complaints.roster),
        accuses=hearing.accuses,
        is_personal=hearing.is_personal,
    )
    return Conversing(
        conversations,
        {
            "complain": Complain(conversations),
            "query": Query(conversations),
            "supplement": Supplement(conversations),
            "withdraw": Withdraw(conversations),
            "told": ToldInPrivate(conversations, hear, texts, words),
        },
    )
