"""What is told of the algorithms that seal and sign."""

from __future__ import annotations

from bot.domain.texts import Texts


def algorithms_line(provider: str, texts: Texts) -> str:
    """Which algorithms a family (by its provider's name) has, and whether they are certified."""
    return texts("office.key.family", family=texts(f"complaint_box.family.{provider}"))
