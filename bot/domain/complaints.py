"""A complaint without a sender, and what an office answers to it. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.groups import UnitCode
from bot.domain.periods import Week
from bot.domain.private import PrivateText

MOST_CHARACTERS = 2000
MOST_ANSWER_CHARACTERS = 500


class Category(StrEnum):
    """What a complaint is about. Few, so that a county's weekly counts can pass the threshold.

    The numbers of the menu follow this order; sealed records hold the word, so append and never
    rename.
    """

    SCREENSHOT_REPORT = "screenshot_report"
    CHECK_IN = "check_in"  # relay lists and "reply that you have read" too
    FORM_FILLING = "form_filling"
    FORCED_USE = "forced_use"
    OFF_HOURS = "off_hours"
    MEETING = "meeting"
    INSPECTION = "inspection"  # showcases and being seconded to them too
    DUPLICATE = "duplicate"  # the same from several sides, or made heavier on its way down
    RANKING = "ranking"  # pledges too
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a member tells of a burden. There is no field for who, when or where.

    `unit` is what the member chose and may be empty. `counts` says whether it is the writer's
    first of this week: figures count people, not complaints. `week` is the finest time there is.
    ValueError for an empty text or one of more than 2 000 characters.
    """

    category: Category
    unit: UnitCode
    body: PrivateText
    counts: bool
    week: Week

    def __post_init__(self) -> None:
        require_fitting(self.body)


def require_fitting(text: PrivateText) -> None:
    """ValueError for a text that is blank or too long to be sealed."""
    if not text.reveal().strip() or len(text.reveal()) > MOST_CHARACTERS:
        raise ValueError(f"expected 1 to {MOST_CHARACTERS} characters")


class CaseState(StrEnum):
    """How far an office is with a complaint."""

    IN_HAND = "in_hand"
    ANSWERED = "answered"
    CLOSED = "closed"


class ClosingReason(StrEnum):
    """Why a complaint is closed."""

    REMEDIED = "remedied"
    EXPLAINED = "explained"
    PASSED_ON = "passed_on"  # to whoever is competent, without what could tell the writer
    NOT_A_BURDEN = "not_a_burden"
    NO_DETAILS = "no_details"  # nothing to act on
    WITHDRAWN = "withdrawn"


class Remedy(StrEnum):
    """What was done, as the digest may say it: a code, never a story."""

    DEMAND_WITHDRAWN = "demand_withdrawn"
    DEMANDS_MERGED = "demands_merged"
    DEADLINE_MOVED = "deadline_moved"
    GROUP_DISSOLVED = "group_dissolved"
    APP_DROPPED = "app_dropped"
    MEETING_CANCELLED = "meeting_cancelled"
    ISSUER_REMINDED = "issuer_reminded"
    RULE_CHANGED = "rule_changed"


class Template(StrEnum):
    """What an office says most; the words are in config/texts/…/office.toml."""

    RECEIVED = "received"
    MORE_DETAILS = "more_details"
    ANSWERED = "answered"
    REMEDIED = "remedied"
    EXPLAINED = "explained"
    PASSED_ON = "passed_on"
    NOT_A_BURDEN = "not_a_burden"
    NO_DETAILS = "no_details"


@dataclass(frozen=True, slots=True)
class Answer:
    """An office's reply, opened by the receipt alone. `title` is how the office is called."""

    title: str
    state: CaseState
    week: Week
    text: PrivateText
    reason: ClosingReason | None = None
    remedy: Remedy | None = None
