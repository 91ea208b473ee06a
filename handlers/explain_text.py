"""Two lines for a person: why a text counts or not."""

from __future__ import annotations

from datetime import datetime

from bot.domain.explaining import Explanation, RuleShare
from bot.domain.groups import GroupProfile
from bot.domain.judging import Judge
from bot.domain.messages import Conversation, IncomingMessage, Route
from bot.domain.private import Opaque, PrivateText
from bot.domain.texts import Texts
from bot.domain.vocabulary import Act


class ExplainText:
    """Judges a text that somebody pasted or quoted, on the spot (DESIGN 12.15); keeps nothing."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    def __call__(self, text: str, sent_at: datetime, group: GroupProfile) -> Explanation:
        """Why the text counts or not, said in that group at that moment."""
        message = IncomingMessage(
            platform="console",
            account="console",
            route=Route.CONSOLE,
            key=Opaque("explained"),
            conversation=Conversation(is_group=True, id=Opaque("explained")),
            sender=Opaque("asker"),
            sent_at=sent_at,
            text=PrivateText(text),
        )
        return self._judge.explain(message, group)


def explained(explanation: Explanation, texts: Texts) -> str:
    """Two lines: what it is and when; why, what spoke against it, and which policy."""
    return _verdict(explanation, texts) + "\n" + _reasons(explanation, texts)


def _verdict(explanation: Explanation, texts: Texts) -> str:
    if explanation.act is Act.CANCEL:
        return texts("explain.verdict.cancel")
    if not explanation.counts:
        key = "explain.verdict.ping" if explanation.ping else "explain.verdict.none"
        return texts(key)
    kinds = texts("explain.words.comma").join(
        texts(f"measures.name.{kind}") for kind in explanation.kinds
    )
    line = texts(
        f"explain.verdict.{explanation.act}", kinds=kinds or texts("explain.words.no_kind")
    )
    if explanation.deadline is not None:
        line += texts("explain.verdict.deadline", moment=f"{explanation.deadline:%m-%d %H:%M}")
    if explanation.off_hours:
        line += texts("explain.verdict.off_hours")
    if explanation.exempt is not None:
        line += texts("explain.verdict.exempt")
    elif explanation.claimed_urgent:
        line += texts("explain.verdict.claimed_urgent")
    return line


def _reasons(explanation: Explanation, texts: Texts) -> str:
    line = texts("explain.reasons.because", rules=_named(explanation.because, texts))
    if explanation.against:
        line += texts("explain.reasons.against", rules=_named(explanation.against, texts))
    if explanation.basis:
        basis = texts("explain.words.comma").join(explanation.basis)
        line += texts("explain.reasons.basis", basis=basis)
    return line + texts("explain.reasons.rulebook", version=explanation.rulebook)


def _named(rules: tuple[RuleShare, ...], texts: Texts) -> str:
    if not rules:
        return texts("explain.words.nothing")
    return texts("explain.words.comma").join(
        texts("explain.words.rule", title=rule.title, words=rule.words, share=f"{rule.share:+.1f}")
        for rule in rules
    )
