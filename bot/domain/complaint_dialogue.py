"""The conversation in which a complaint is told, as a state machine: who speaks is not in it.

notice → category → unit → text → (check) → confirm → sent. "Cancel" ends it anywhere. It lasts
ten minutes from the last answer, and the words ten minutes from when they were written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from bot.domain.complaints import MOST_CHARACTERS, Category
from bot.domain.giveaways import NO_WORDS, Giveaway, KnownWords, find_giveaways, tidied
from bot.domain.groups import GroupProfile, UnitCode
from bot.domain.private import NO_TEXT, PrivateText
from bot.domain.receipts import Receipt

LASTS_FOR = timedelta(minutes=10)
UNITS_A_PAGE = 12
SMALLEST_UNIT = 50
SHORTEST = 6
NO_UNIT = UnitCode("")


class Stage(StrEnum):
    """What was asked last."""

    NOTICE = "notice"
    CATEGORY = "category"
    UNIT = "unit"
    TEXT = "text"
    CHECK = "check"
    CONFIRM = "confirm"
    SENDING = "sending"


class Say(StrEnum):
    """What is said next; the words are in config/texts."""

    NOTICE = "notice"
    CATEGORY = "category"
    UNIT = "unit"
    TEXT = "text"
    CHECK = "check"
    CONFIRM = "confirm"
    SEND = "send"  # nothing yet: the box is asked first
    WAIT = "wait"  # it is being sent
    AGAIN = "again"  # the answer was none of those offered
    CANCELLED = "cancelled"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    ACCUSATION = "accusation"
    PERSONAL = "personal"  # about somebody, and no burden in it: an accusation in other words?
    TEXT_ONLY = "text_only"


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Where a conversation stands. `receipt` is there when a complaint is added to."""

    stage: Stage
    until: datetime
    category: Category = Category.OTHER
    unit: UnitCode = NO_UNIT
    page: int = 0
    text: PrivateText = NO_TEXT
    found: tuple[Giveaway, ...] = ()
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the conversation offers and knows: units to choose from, words that tell who it is.

    `accuses` says whether a text accuses a person, `is_personal` whether it speaks of one and of no
    burden; `take_out` gives a text without giveaways.
    """

    units: Sequence[UnitCode]
    zone: tzinfo
    accuses: Callable[[str], bool]
    is_personal: Callable[[str], bool]
    take_out: Callable[[str, Sequence[Giveaway]], str]
    known: KnownWords = NO_WORDS


@dataclass(frozen=True, slots=True)
class Step:
    """What is said, and where the conversation stands then; None when it is over."""

    say: Say
    dialogue: Dialogue | None


def begin(now: datetime) -> Step:
    """The notice; no text is taken before it was agreed to."""
    return Step(Say.NOTICE, Dialogue(Stage.NOTICE, now + LASTS_FOR))


def add_to(receipt: Receipt, text: str, now: datetime, around: Surroundings) -> Step:
    """More for a complaint that its owner names by the receipt."""
    return _told(Dialogue(Stage.TEXT, now + LASTS_FOR, receipt=receipt), text, now, around)


def proceed(
    dialogue: Dialogue, said: str, now: datetime, around: Surroundings, *, is_text: bool = True
) -> Step:
    """The answer to what was asked last; `said` is dropped unless it is the text asked for."""
    if dialogue.stage is Stage.SENDING:
        return Step(Say.WAIT, dialogue)
    if not is_text:
        return Step(Say.TEXT_ONLY, dialogue)
    if ends_it(said):
        return Step(Say.CANCELLED, None)
    if dialogue.stage is Stage.TEXT:
        return _told(dialogue, said, now, around)
    step = _CHOSEN[dialogue.stage](dialogue, _choice(said), around)
    if step.dialogue is None or step.dialogue.text:
        return step
    return replace(step, dialogue=replace(step.dialogue, until=now + LASTS_FOR))


def coarse_units(groups: Sequence[GroupProfile]) -> tuple[UnitCode, ...]:
    """Units large enough that naming one says little: some group of theirs has fifty members."""
    large = {group.unit for group in groups if group.size >= SMALLEST_UNIT and not group.retired}
    return tuple(sorted(large))


def page_of(units: Sequence[UnitCode], page: int) -> Sequence[UnitCode]:
    """The units that a page of the menu shows; their numbers go on from page to page."""
    return units[page * UNITS_A_PAGE : (page + 1) * UNITS_A_PAGE]


def is_menu_answer(said: str) -> bool:
    """Whether something can only be the answer to a question of this conversation."""
    bare = _bare(said)
    return ends_it(said) or bare in _AGREEMENT or (bare.isdigit() and _choice(said) is not None)


def ends_it(said: str) -> bool:
    """Whether something said ends a conversation: "取消", "还是算了吧", "/cancel"."""
    return len(said) <= 24 and _CANCELS.fullmatch(_bare(said)) is not None


def _told(dialogue: Dialogue, said: str, now: datetime, around: Surroundings) -> Step:
    text = tidied(said)
    if len(text) < SHORTEST:
        return Step(Say.TOO_SHORT, dialogue)
    if len(text) > MOST_CHARACTERS:
        return Step(Say.TOO_LONG, dialogue)
    if around.accuses(text):
        return Step(Say.ACCUSATION, replace(dialogue, until=now + LASTS_FOR))
    # What is added may be short: that it is a burden was said before.
    if dialogue.receipt is None and around.is_personal(text):
        return Step(Say.PERSONAL, replace(dialogue, until=now + LASTS_FOR))
    found = find_giveaways(text, now.astimezone(around.zone).date(), around.known)
    told = replace(dialogue, text=PrivateText(text), found=found, until=now + LASTS_FOR)
    if found:
        return Step(Say.CHECK, replace(told, stage=Stage.CHECK))
    return _ready(told)


def _ready(dialogue: Dialogue) -> Step:
    """What was agreed to before it was written needs no second question: it is an addition."""
    if dialogue.receipt is not None:
        return Step(Say.SEND, replace(dialogue, stage=Stage.SENDING))
    return Step(Say.CONFIRM, replace(dialogue, stage=Stage.CONFIRM))


def _noticed(dialogue: Dialogue, choice: int | None, _around: Surroundings) -> Step:
    if choice == 1:
        return Step(Say.CATEGORY, replace(dialogue, stage=Stage.CATEGORY))
    return Step(Say.CANCELLED, None) if choice == 2 else Step(Say.AGAIN, dialogue)


def _categorised(dialogue: Dialogue, choice: int | None, around: Surroundings) -> Step:
    categories = tuple(Category)
    if choice is None or not 1 <= choice <= len(categories):
        return Step(Say.AGAIN, dialogue)
    chosen = replace(dialogue, category=categories[choice - 1])
    if not around.units:
        return Step(Say.TEXT, replace(chosen, stage=Stage.TEXT))
    return Step(Say.UNIT, replace(chosen, stage=Stage.UNIT))


def _placed(dialogue: Dialogue, choice: int | None, around: Surroundings) -> Step:
    if choice == NEXT_PAGE and len(around.units) > UNITS_A_PAGE:
        pages = -(-len(around.units) // UNITS_A_PAGE)
        return Step(Say.UNIT, replace(dialogue, page=(dialogue.page + 1) % pages))
    if choice is None or not 0 <= choice <= len(around.units):
        return Step(Say.AGAIN, dialogue)
    unit = around.units[choice - 1] if choice else NO_UNIT
    return Step(Say.TEXT, replace(dialogue, stage=Stage.TEXT, unit=unit))


def _checked(dialogue: Dialogue, choice: int | None, around: Surroundings) -> Step:
    if choice == 1:
        plain = around.take_out(dialogue.text.reveal(), dialogue.found)
        return _ready(replace(dialogue, text=PrivateText(plain[:MOST_CHARACTERS]), found=()))
    if choice == 2:
        return Step(Say.TEXT, replace(dialogue, stage=Stage.TEXT, text=NO_TEXT, found=()))
    return _ready(replace(dialogue, found=())) if choice == 3 else Step(Say.AGAIN, dialogue)


def _confirmed(dialogue: Dialogue, choice: int | None, _around: Surroundings) -> Step:
    if choice == 1:
        return Step(Say.SEND, replace(dialogue, stage=Stage.SENDING))
    if choice == 2:
        return Step(Say.TEXT, replace(dialogue, stage=Stage.TEXT, text=NO_TEXT))
    return Step(Say.AGAIN, dialogue)


_CHOSEN: dict[Stage, Callable[[Dialogue, int | None, Surroundings], Step]] = {
    Stage.NOTICE: _noticed,
    Stage.CATEGORY: _categorised,
    Stage.UNIT: _placed,
    Stage.CHECK: _checked,
    Stage.CONFIRM: _confirmed,
}

NEXT_PAGE = 99
_ENDS = (
    r"(?:那|还是|先|我|我们|想|要|请|就){0,3}"
    r"(?:取消|退出|算了|停止|结束|放弃|作罢|(?:不|先不|不想|不要|不用)(?:写|说|反映|投诉|提交|发|要(?=了)|提|弄)"
    r"|cancel|quit|stop|exit|abort|nevermind)"
    r"(?:本次|这次|此次|这个|这条|it|this|please)?(?:投诉|反映|提交|操作|补充)?(?:了|吧|啊|谢谢|哈){0,2}"
)
_CANCELS = re.compile(f"(?:{_ENDS}){{1,2}}")
_AGREEMENT = frozenset(("同意", "我同意", "不同意", "1同意", "2不同意", "agree", "1agree"))
_WORDS = {
    "同意": 1, "我同意": 1, "已读": 1, "是": 1, "好": 1, "好的": 1, "可以": 1, "确认": 1, "提交": 1, "继续": 1,
    "agree": 1, "yes": 1, "ok": 1, "y": 1, "不同意": 2, "否": 2, "no": 2, "n": 2, "重写": 2,
    "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10,
    "零": 0, "照发": 3, "更多": NEXT_PAGE, "下一页": NEXT_PAGE, "more": NEXT_PAGE, "next": NEXT_PAGE,
}  # fmt: skip
_NUMBERED = re.compile(r"(?:我?选|第|no)?(\d{1,2})(?:个|项|条|类|号)?(\D{0,8})")


def _bare(said: str) -> str:
    """What was typed without marks: "１、同意。" is "1同意"."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", said).casefold())


def _choice(said: str) -> int | None:
    """The number chosen, or None: "1", "１ 同意", "选2", "三"."""
    if len(said) > 24:
        return None
    bare = _bare(said)
    if bare in _WORDS:
        return _WORDS[bare]
    numbered = _NUMBERED.fullmatch(bare)
    if numbered is None:
        return None
    said_too, number = _WORDS.get(numbered[2]), int(numbered[1])
    # "1 不同意" is neither.
    return None if said_too is not None and said_too != number and numbered[2] else number
