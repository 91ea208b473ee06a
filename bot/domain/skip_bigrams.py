"""Skip-bigrams: two characters of a text with one to five others between them.

Guthrie et al., "A Closer Look at Skip-gram Modelling" (2006), who count neighbours as well.
What is asked for often stands apart from the word that says what is to be done with it, and who is
told of from what he was asked ("表…填", "照…传", "人…说"): short pieces do not know that.
"""

from __future__ import annotations

from operator import add

# How far behind the first the second stands: neighbours are in the pieces.
NEAREST = 2
FARTHEST = 6


def skip_bigrams(text: str) -> set[str]:
    """All of a text, each as its two characters side by side."""
    found: set[str] = set()
    for apart in range(NEAREST, FARTHEST + 1):
        found.update(map(add, text, text[apart:]))
    return found
