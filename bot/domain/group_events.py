"""What happens to a chat itself, as a platform tells it: what changed, no name and no person."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.private import Opaque


class GroupChange(StrEnum):
    """What changed. Which name, which owner and which member is not asked."""

    DISSOLVED = "dissolved"
    RENAMED = "renamed"
    RESIZED = "resized"  # somebody came or went


@dataclass(frozen=True, slots=True)
class GroupEvent:
    """One change of one chat; `chat` is the platform's id, as messages have it."""

    platform: str
    account: str
    chat: Opaque
    change: GroupChange
