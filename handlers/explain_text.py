"""Two lines for a person: why a text counts or not."""

from __future__ import annotations

from datetime import datetime

from bot.domain.explaining import Explainer, Explanation, RuleShare
from bot.domain.explaining_emergencies import EmergencyShare
from bot.domain.explaining_kinds import KindShare
from bot.domain.groups import GroupProfile
from bot.domain.judging import Judge
from bot.domain.messages import Conversation, IncomingMessage, Route
from bot.domain.private import Opaque, PrivateText
from bot.domain.texts import Texts
from bot.domain.vocabulary import Act

WORTH_SAYING = 5  # per cent


class ExplainText:
    """Judges a text that somebody pasted or quoted, on the spot (DESIGN 12.15); keeps nothing."""

    def __init__(self, judge: Judge) -> None:
        self._explain = Explainer(judge)

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
        return self._explain(message, group)


def explained(explanation: Explanation, texts: Texts) -> str:
    """Two lines: what it is and when; why, what spoke against it, and which policy."""
    return _verdict(explanation, texts) + "\n" + _reasons(explanation, texts)


def _verdict(explanation: Explanation, texts: Texts) -> str:
    if explanation.act is Act.CANCEL:
        return texts("explain.verdict.cancel")
    if not explanation.counts:
        said = "none" if explanation.doubt is None else "doubted"
        return texts(f"explain.verdict.{'ping' if explanation.ping else said}")
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
    side = "counted" if explanation.counts else "uncounted"
    said = [
        texts(f"explain.reasons.{side}", parts=_parts(explanation, texts, supporting=True)),
        texts("explain.reasons.against", parts=_parts(explanation, texts, supporting=False)),
    ]
    if _percent(explanation.others) >= WORTH_SAYING:
        said.append(texts("explain.reasons.others", share=_percent(explanation.others)))
    if explanation.doubt is not None:
        said.append(texts("explain.reasons.doubted", times=f"{explanation.doubt:g}"))
    if explanation.of_kinds:
        kinds = texts("explain.words.comma").join(
            _kind(share, texts) for share in explanation.of_kinds
        )
        said.append(texts("explain.reasons.kinds", kinds=kinds))
    if explanation.emergency is not None:
        said.append(_emergency(explanation.emergency, texts))
    if explanation.basis:
        basis = texts("explain.words.comma").join(explanation.basis)
        said.append(texts("explain.reasons.basis", basis=basis))
    said.append(texts("explain.reasons.rulebook", version=explanation.rulebook))
    return texts("explain.reasons.gap").join(said)


def _parts(explanation: Explanation, texts: Texts, *, supporting: bool) -> str:
    """One side of the decision: rules by name, then the words and the form of the sentence."""
    told = [
        _rule(share, texts)
        for share in (explanation.because if supporting else explanation.against)
        if _percent(share.share)
    ]
    words = explanation.words
    if words.supports is supporting and _percent(words.share):
        pieces = texts("explain.words.comma").join(words.pieces)
        key = "explain.words.pieces" if pieces else "explain.words.sentence"
        told.append(texts(key, pieces=pieces, share=_percent(words.share)))
    return texts("explain.words.comma").join(told) or texts("explain.words.nothing")


def _rule(share: RuleShare, texts: Texts) -> str:
    return texts(
        "explain.words.rule", title=share.title, words=share.words, share=_percent(share.share)
    )


def _kind(share: KindShare, texts: Texts) -> str:
    """A kind by the words that name it, and what it rests on; what speaks against it is below zero."""
    words = texts("explain.words.comma").join(share.words)
    return texts(
        "explain.words.kind" if words else "explain.words.kind_unnamed",
        kind=texts(f"measures.name.{share.kind}"),
        words=words,
        rules=_signed(share.rules),
        wording=_signed(share.wording),
        together=_signed(share.together),
    )


def _emergency(share: EmergencyShare, texts: Texts) -> str:
    words = texts("explain.words.comma").join(share.words)
    return texts(
        "explain.reasons.emergency" if words else "explain.reasons.emergency_unnamed",
        words=words,
        rules=_signed(share.rules),
        wording=_signed(share.wording),
    )


def _percent(share: float) -> int:
    return round(100 * share)


def _signed(share: float) -> str:
    return str(_percent(share)).replace("-", "−")
