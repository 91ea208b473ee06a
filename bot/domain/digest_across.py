"""What the digest says of demands that several groups, lines or levels had to carry."""

from __future__ import annotations

from bot.domain.digest_brief import Brief
from bot.domain.vocabulary import Measure, Tallied

_TOLD = (Measure.DUPLICATE, Tallied.BROADCAST, Tallied.RELAYED, Tallied.PRESSED)


def across_groups(brief: Brief) -> str:
    """One paragraph; empty where nothing was found, which is not said to be nothing."""
    now, words, texts = brief.now, brief.words, brief.texts
    told = [
        texts(f"across.digest.{measure.value}", count=words.count(measure, now.total(measure)))
        for measure in _TOLD
        if now.total(measure)
    ]
    if not told:
        return ""
    said = [texts("across.digest.found", items=words.joined(told))]
    by_line = [
        texts(
            "digest.overall.item", name=words.line(code), count=words.count(Measure.DUPLICATE, n)
        )
        for code, counts in sorted((now.lines or {}).items())
        if (n := counts.get(Measure.DUPLICATE.value))
    ]
    if by_line:
        said.append(texts("across.digest.by_line", items=words.joined(by_line)))
    return words.sentences(said)
