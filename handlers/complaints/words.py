"""What the conversation about a complaint says, in the reader's language; each fits one screen."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from bot.domain.complaint_dialogue import (
    UNITS_A_PAGE,
    Dialogue,
    Say,
    Stage,
    page_of,
)
from bot.domain.complaints import Answer, Category
from bot.domain.giveaways import Giveaway, taken_out
from bot.domain.groups import UnitCode
from bot.domain.receipts import Receipt
from bot.domain.texts import Texts

GIVEAWAYS_SHOWN = 6
LONGEST_SHOWN = 14
ANSWERS_SHOWN = 2
PREVIEW = 120

# What a chat client would take for markup, or for a call on somebody.
_MARKUP = str.maketrans("*_#<>[]()`@~|\\", "＊＿＃＜＞［］（）｀＠～｜＼")


class ComplaintWords:
    """Sentences of config/texts/*/complaints.toml, put together."""

    def __init__(self, texts: Texts, office: str, window: str = "") -> None:
        """`window` is where the discipline inspectors of the place hear people, if it was set."""
        self._texts = texts
        self._office = office
        self._window = texts("complaints.words.window", window=plain(window)) if window else ""

    def say(self, dialogue: Dialogue | None, say: Say, units: Sequence[UnitCode]) -> str:
        """The next question or remark; `dialogue` is where the conversation stands then."""
        texts = self._texts
        match say:
            case Say.CATEGORY:
                return self._categories()
            case Say.UNIT if dialogue is not None:
                return self._units(units, dialogue.page)
            case Say.CHECK if dialogue is not None:
                return self._check(dialogue.text.reveal(), dialogue.found)
            case Say.CONFIRM if dialogue is not None:
                return self._confirm(dialogue)
            case Say.AGAIN if dialogue is not None:
                return self._again(dialogue, units)
            case Say.ACCUSATION | Say.PERSONAL:
                return texts(f"complaints.say.{say}", window=self._window)
            case _:
                return texts(f"complaints.say.{say}")

    def notice(self, fingerprints: Sequence[str], family: str) -> str:
        """What is to be known before a word is taken; `family` names the algorithms that seal."""
        texts = self._texts
        keys = texts("complaints.words.comma").join(fingerprints)
        said = texts(f"complaint_box.family_in_short.{family}")
        return texts(
            "complaints.notice.text",
            office=self._office,
            window=self._window,
            keys=texts("complaints.notice.keys", keys=keys, family=said) if keys else "",
        )

    def accusation(self) -> str:
        """Where to accuse a person, for somebody who did so outside a conversation."""
        return self._texts("complaints.say.accusation_alone", window=self._window)

    def offered(self, notice: str) -> str:
        """The notice for somebody who did not ask for it."""
        return self._texts("complaints.notice.offered") + "\n\n" + notice

    def receipt(self, receipt: Receipt) -> str:
        """The receipt, this once."""
        return self._texts("complaints.receipt.text", receipt=receipt.shown())

    def answers(self, answers: Sequence[Answer]) -> str:
        """What the offices answered; one text for all that has no answer."""
        texts = self._texts
        if not answers:
            return texts("complaints.answers.none")
        parts = [texts("complaints.answers.title")]
        for answer in answers[:ANSWERS_SHOWN]:
            parts.append(
                texts(
                    "complaints.answers.one",
                    office=plain(answer.title),
                    week=str(answer.week),
                    state=texts(f"complaints.state.{answer.state}"),
                )
            )
            if answer.text:
                parts.append(plain(answer.text.reveal()))
            if answer.reason is not None:
                parts.append(
                    texts(
                        "complaints.answers.reason",
                        reason=texts(f"complaints.reason.{answer.reason}"),
                    )
                )
            if answer.remedy is not None:
                parts.append(
                    texts(
                        "complaints.answers.remedy",
                        remedy=texts(f"complaints.remedy.{answer.remedy}"),
                    )
                )
        if len(answers) > ANSWERS_SHOWN:
            parts.append(texts("complaints.answers.more", count=str(len(answers) - ANSWERS_SHOWN)))
        return "\n".join([*parts, texts("complaints.answers.foot")])

    def take_out(self, text: str, found: Sequence[Giveaway]) -> str:
        """The text with what gives its writer away replaced."""
        return taken_out(text, found, self._texts)

    def _categories(self) -> str:
        lines = [
            f"{number} {self._texts(f'complaints.category.{category}')}"
            for number, category in enumerate(Category, start=1)
        ]
        return "\n".join([self._texts("complaints.say.category"), *lines])

    def _units(self, units: Sequence[UnitCode], page: int) -> str:
        texts = self._texts
        first = page * UNITS_A_PAGE + 1
        lines = [
            f"{number} {plain(unit)}"
            for number, unit in enumerate(page_of(units, page), start=first)
        ]
        if len(units) > UNITS_A_PAGE:
            lines.append(texts("complaints.say.more_units"))
        return "\n".join([texts("complaints.say.unit"), *lines, texts("complaints.say.no_unit")])

    def _check(self, text: str, found: Sequence[Giveaway]) -> str:
        texts = self._texts
        lines = []
        for each in found[:GIVEAWAYS_SHOWN]:
            written = text[each.start : each.end]
            instead = taken_out(
                written, [Giveaway(each.sign, 0, len(written), each.detail)], texts
            )
            lines.append(
                texts(
                    "complaints.check.line",
                    sign=texts(f"complaints.sign.{each.sign}"),
                    written=shortened(plain(written), LONGEST_SHOWN),
                    instead=instead,
                )
            )
        if len(found) > GIVEAWAYS_SHOWN:
            lines.append(texts("complaints.check.more", count=str(len(found) - GIVEAWAYS_SHOWN)))
        return "\n".join(
            [texts("complaints.check.title"), *lines, texts("complaints.check.choices")]
        )

    def _confirm(self, dialogue: Dialogue) -> str:
        texts, told = self._texts, dialogue.text.reveal()
        return texts(
            "complaints.confirm.text",
            category=texts(f"complaints.category.{dialogue.category}"),
            unit=plain(dialogue.unit) or texts("complaints.words.no_unit"),
            length=str(len(told)),
            preview=shortened(plain(told), PREVIEW),
        )

    def _again(self, dialogue: Dialogue, units: Sequence[UnitCode]) -> str:
        remark = self._texts("complaints.say.again")
        if dialogue.stage is Stage.NOTICE:
            return self._texts("complaints.say.again_notice")
        asked = {
            Stage.CATEGORY: Say.CATEGORY,
            Stage.UNIT: Say.UNIT,
            Stage.CHECK: Say.CHECK,
            Stage.CONFIRM: Say.CONFIRM,
        }[dialogue.stage]
        return remark + "\n\n" + self.say(dialogue, asked, units)


def plain(text: str) -> str:
    """Words that somebody wrote, so that no client takes them for markup or for a mention."""
    shown = "".join(
        letter if letter == "\n" or unicodedata.category(letter)[0] != "C" else " "
        for letter in text.translate(_MARKUP)
    )
    return re.sub(r"\n{3,}", "\n\n", shown)


def shortened(text: str, most: int) -> str:
    """The text on one line, cut with an ellipsis."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[:most] + "…"
