"""What a pattern needs is read off the pattern, and nothing that it matches is missed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.pattern_pieces import Pieces, pieces_of
from bot.domain.rules import Rulebook
from config.rulebook import load_rulebook


def only_piece(pattern: str) -> Pieces:
    (piece,) = pieces_of(re.compile(pattern))
    return piece


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        ("照旧", {"照旧"}),
        ("(?:就|只)(?:剩|等)", {"就剩", "就等", "只剩", "只等"}),
        ("周[一二]", {"周一", "周二"}),
        ("[a-c]x", {"ax", "bx", "cx"}),
        ("(?P<who>甲){2}", {"甲甲"}),
        (r"一\.二", {"一.二"}),
        ("今天(?:的)?", {"今天"}),  # where the longer one occurs, the shorter one does
    ],
)
def test_what_can_be_spelled_out_is(pattern: str, texts: set[str]) -> None:
    assert only_piece(pattern).texts == texts


@pytest.mark.parametrize(
    ("pattern", "needs"),
    [
        (r"第?\d{1,3}名", [{"名"}]),
        ("(?<![代外])表(?!扬)", [{"表"}]),
        ("还没.{0,3}(?:报|交)", [{"还没"}, {"报", "交"}]),
        ("(?:报+)$", [{"报"}]),
        (r"^\W*(?:收到|好的)", [{"收到", "好的"}]),
        (r"(?:没|\d).{2}", []),
        ("(?:没|)", []),
        (r"(报)\1", []),
        ("(?i)ok", []),
        ("报{}表", []),  # braces that count nothing are themselves
    ],
)
def test_what_cannot_needs_something(pattern: str, needs: list[set[str]]) -> None:
    piece = only_piece(pattern)

    assert piece.texts is None
    assert list(piece.needed) == needs


def test_alternatives_come_apart() -> None:
    pieces = pieces_of(re.compile("照旧|还没(?:报|交)了?|还(?=没)"))

    assert [piece.source for piece in pieces] == ["照旧", "还没(?:报|交)了?", "还(?=没)"]


_signs = st.sampled_from(
    ["甲", "乙", "丙", "a", "[甲a]", "[^乙]", r"\d", ".", "$", "(?!丙)", "(?<=甲)"]
)
_patterns = st.recursive(
    _signs,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda two: f"(?:{two[0]}|{two[1]})"),
        st.tuples(inner, st.sampled_from(["?", "*", "+", "{2}", "{1,2}", "{0,9}", "+?"])).map(
            lambda two: f"(?:{two[0]}){two[1]}"
        ),
    ),
    max_leaves=8,
)
_texts = st.text(alphabet="甲乙丙a1", max_size=12)


@given(_patterns, _patterns, _texts)
def test_where_a_pattern_matches_a_piece_of_it_does(one: str, other: str, text: str) -> None:
    pattern = re.compile(f"{one}|{other}")

    found = False
    for piece in pieces_of(pattern):
        matches = re.search(piece.source, text) is not None
        found |= matches
        if piece.texts is not None:
            assert matches == any(own in text for own in piece.texts)
        if matches:
            assert all(any(own in text for own in need) for need in piece.needed)

    assert found == (pattern.search(text) is not None)


RULEBOOK = load_rulebook()
PATTERNS = [pattern for rule in RULEBOOK.rules for pattern in rule.patterns]


def test_every_packaged_pattern_is_read() -> None:
    assert all(piece.needed for pattern in PATTERNS for piece in pieces_of(pattern))


def fired_one_by_one(rulebook: Rulebook, text: str) -> int:
    fired = 0
    for place, rule in enumerate(rulebook.rules):
        has_word = any(word in text for word in rule.words)
        if (has_word or rule.pattern_span(text)) and not any(
            exclusion.search(text) for exclusion in rule.exclusions
        ):
            fired |= 1 << place
    return fired


@given(
    st.lists(
        st.sampled_from(
            [example.text for rule in RULEBOOK.rules for example in rule.examples]
            + [sign for pattern in PATTERNS for sign in re.split(r"\W+", pattern.pattern) if sign]
        ),
        min_size=1,
        max_size=8,
    ).map("".join)
)
def test_the_matcher_finds_what_its_rules_find_one_by_one(text: str) -> None:
    plain = RULEBOOK.normaliser(text).text
    matcher = RULEBOOK.matcher

    fired = matcher.rules_in(plain, matcher.literals_in(plain))

    assert fired == fired_one_by_one(RULEBOOK, plain)
