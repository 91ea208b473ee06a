"""A hidden layer hears what features say together, and comes to what plain arithmetic comes to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

from bot.domain.ballot import Ballot
from bot.domain.errors import BadRulebook
from bot.domain.judging import Judge
from bot.domain.perceptron import FINE_BITS, LIMIT, Perceptron
from bot.domain.vocabulary import KINDS, Kind
from bot.domain.voting import NO_VOTE, OUTPUTS, SCALE, Network, kind_scores
from config.calendar import load_calendar
from config.model.network import BATCH, fitted
from config.model.samples import readings, told_line
from config.rulebook import load_rulebook, model_of

LITERALS, RULES, TRAITS = (
    ("表", "照", "不", "填"),
    ("form_filling.table", "excuse.done"),
    ("short",),
)
FEATURES = (*LITERALS, *(f"rule:{rule}" for rule in RULES), *(f"trait:{name}" for name in TRAITS))
UNITS = 3
BYTES = st.binary(min_size=UNITS, max_size=UNITS)
SHARES = st.lists(st.integers(-400_000, 400_000), min_size=len(KINDS), max_size=len(KINDS))


@given(
    rows=st.dictionaries(st.sampled_from((*FEATURES, "无")), BYTES),
    bias=st.lists(st.integers(-300, 300), min_size=UNITS, max_size=UNITS),
    kinds=st.lists(SHARES, min_size=UNITS, max_size=UNITS),
    kind_bias=SHARES,
    said=st.sets(st.integers(0, len(LITERALS) - 1)),
    fired=st.integers(0, 3),
    traits=st.integers(0, 1),
)
def test_packed_lanes_come_to_what_the_weights_come_to(
    rows: dict[str, bytes], bias: list[int], kinds: list[list[int]], kind_bias: list[int],
    said: set[int], fired: int, traits: int,
) -> None:  # fmt: skip
    network = Network(rows, tuple(bias), tuple(map(tuple, kinds)), tuple(kind_bias))
    there = [LITERALS[number] for number in said]
    there += [f"rule:{rule}" for place, rule in enumerate(RULES) if fired >> place & 1]
    there += [f"trait:{name}" for place, name in enumerate(TRAITS) if traits >> place & 1]

    found = Perceptron(network, LITERALS, RULES, TRAITS).of_words(fired, traits, said)

    units = [
        max(0, own + sum(rows[name][unit] - 128 for name in there if name in rows))
        for unit, own in enumerate(bias)
    ]
    sums = [sum(u * row[kind] for u, row in zip(units, kinds, strict=True)) for kind in range(11)]
    expected = [
        (own + (total >> FINE_BITS)) / SCALE for own, total in zip(kind_bias, sums, strict=True)
    ]
    assert list(kind_scores(found, 1)) == expected


def test_a_long_text_does_not_spill_from_one_unit_into_the_next() -> None:
    names = [str(number) for number in range(20_000)]
    network = Network(
        dict.fromkeys(names, bytes([255, 1])), (0, 0), ((1 << FINE_BITS,) * 11, (400_000,) * 11),
        (0,) * 11,
    )  # fmt: skip

    found = Perceptron(network, names, (), ()).of_words(0, 0, range(20_000))

    assert kind_scores(found, 1) == (20_000 * 127 / SCALE,) * 11


def test_what_two_things_say_together_is_learned() -> None:
    # Of a kind where exactly one of two stands: no sum of weights says that.
    texts = [{one, *rest} for one in "表照" for rest in ("", "填", "不", "填不")]
    texts += [{"表", "照", *rest} for rest in ("", "填", "不", "填不")]
    texts += [set(rest) for n in range(3) for rest in combinations("填不", n)]
    wanted = [[int(("表" in text) != ("照" in text))] * len(KINDS) for text in texts] * 900
    table = csr_matrix([[float(sign in text) for sign in LITERALS] for text in texts * 900])

    told = fitted(table, np.array(wanted), np.ones(len(wanted)), part=1.0)
    perceptron = Perceptron(_network(told), LITERALS, (), ())

    for text, row in zip(texts, wanted, strict=False):
        places = {LITERALS.index(sign) for sign in text}
        assert (kind_scores(perceptron.of_words(0, 0, places), 1)[0] > 0) is bool(row[0])


def test_what_weighs_nothing_is_not_learned() -> None:
    texts = csr_matrix(np.tile(np.eye(4), (600, 1)))
    so, lies = np.tile(np.eye(4, 11), (300, 1)), np.tile(1 - np.eye(4, 11), (300, 1))
    weights = np.repeat([1.0, 0.01], 1200)

    told = fitted(texts, np.vstack([so, lies]), weights, part=1.0)
    perceptron = Perceptron(_network(told), LITERALS, (), ())

    for place in range(4):
        scores = kind_scores(perceptron.of_words(0, 0, {place}), 1)
        assert [kind for kind, score in enumerate(scores) if score > 0] == [place]


def test_the_same_texts_are_learned_the_same() -> None:
    texts = csr_matrix(np.tile(np.eye(4), (BATCH, 1)))
    wanted, weights = np.tile(np.eye(4, 11), (BATCH, 1)), np.ones(4 * BATCH)

    assert fitted(texts, wanted, weights, 0.5) == fitted(texts, wanted, weights, 0.5)


FITTING = {
    "rows": "gICA" * 4, "bias": [0] * UNITS, "kinds": [[0] * 11] * UNITS, "kind_bias": [0] * 11,
}  # fmt: skip


def test_a_network_that_fits_is_read() -> None:
    assert _network(FITTING).rows["表"] == bytes([128] * UNITS)


@pytest.mark.parametrize(
    "broken",
    [
        {"rows": "gICA"},
        {"rows": "?"},
        {"bias": [], "rows": "", "kinds": []},
        {"bias": [0, 0, 0.5]},
        {"bias": [0, 0, LIMIT]},
        {"bias": "abc"},
        {"kinds": []},
        {"kinds": [[0] * 10] * UNITS},
        {"kinds": [[-LIMIT] * 11] * UNITS},
        {"kinds": [None] * UNITS},
        {"kind_bias": [0] * 12},
        {"kind_bias": [True] * 11},
    ],
)
def test_a_network_that_does_not_fit_is_refused_with_the_model(broken: dict[str, object]) -> None:
    with pytest.raises(BadRulebook):
        _network(FITTING | broken)


def test_without_a_network_nothing_is_said() -> None:
    assert Ballot(load_rulebook(model=NO_VOTE)).of_kinds(1, 1, {0}) == (0, 0)


def test_a_reading_has_what_the_network_says_once() -> None:
    judge = Judge(load_rulebook(), load_calendar())
    text = "各村今天下班前把台账填好，附三张照片"
    ((_, reading, _),) = readings(judge, told_line("line", "line", text, {}))
    heard = judge.hearing.hear(text)

    alone = kind_scores(*judge.hearing.vote_of(heard, reading.traits))
    together = kind_scores(*judge.ballot.of_kinds(heard.fired, reading.traits, heard.literals))

    assert reading.kind_scores == pytest.approx(np.add(alone, together))
    assert any(together)


def test_the_packaged_network_hears_which_thing_is_asked_for() -> None:
    book = load_rulebook()
    perceptron = Perceptron(book.model.network, book.matcher.literals, (), ())

    photographs, forms = (
        kind_scores(perceptron.of_words(0, 0, book.matcher.literals_in(text)), 1)
        for text in ("今天的照片都发到群里", "今天的报表都发到群里")
    )

    screenshot_report, form_filling = map(KINDS.index, (Kind.SCREENSHOT_REPORT, Kind.FORM_FILLING))
    assert photographs[screenshot_report] > forms[screenshot_report]
    assert forms[form_filling] > photographs[form_filling]


def _network(told: Mapping[str, object]) -> Network:
    written: dict[str, object] = {
        "scale": SCALE,
        "literals": LITERALS,
        "features": [],
        "weights": {},
        "bias": [0] * OUTPUTS,
    }
    written["weights"] = {sign: [] for sign in LITERALS}
    return model_of(json.dumps(written | {"network": dict(told)}).encode()).network
