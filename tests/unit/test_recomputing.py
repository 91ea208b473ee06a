"""An auditor adds up again: for all, for some units, and for what was corrected."""

from __future__ import annotations

import pytest

from bot.domain.anonymity import ProtectionPolicy, protect
from bot.domain.digest_figures import figures_of
from bot.domain.groups import UnitCode
from bot.domain.recomputing import Wrong, wrong_sums
from bot.domain.tallies import COUNTED
from bot.renderings.json_document import plain
from tests.golden.weeks import BUSY, GROUPS, WEEK, coverage, table

WEEK_COUNTS = {
    "columns": [measure.value for measure in COUNTED],
    "rows": [[*place, *numbers] for place, numbers in table(BUSY).rows()],
}


def digest(*units: str, change=lambda figures: None) -> bytes:
    """The figures of a busy week as an office for these units gets them, and then changed."""
    import orjson

    own = tuple(map(UnitCode, units))
    groups = [group for group in GROUPS if not own or group.unit in own]
    protected = protect(table(BUSY), GROUPS, ProtectionPolicy(), units=own)
    codes = {group.code for group in groups}
    heard = coverage(groups, [row for row in BUSY if row[0] in codes])
    figures = plain(figures_of(WEEK, "county", protected, heard, None))
    change(figures)
    return orjson.dumps({"figures": figures})


@pytest.mark.parametrize("units", [(), ("U01",), ("U02", "U03"), ("U03",)])
def test_what_the_gate_let_out_adds_up(units):
    assert wrong_sums(digest(*units), WEEK_COUNTS) == []


@pytest.mark.parametrize("units", [(), ("U01",)])
def test_a_changed_number_is_told_with_its_unit(units):
    def change(figures):
        figures["units"]["U01"]["repeat"] -= 1

    assert wrong_sums(digest(*units, change=change), WEEK_COUNTS) == [Wrong("U01", "repeat", 4, 5)]


@pytest.mark.parametrize("units", [(), ("U01",)])
def test_a_number_that_was_left_out_is_told(units):
    def change(figures):
        del figures["totals"]["repeat"]

    assert wrong_sums(digest(*units, change=change), WEEK_COUNTS) == [Wrong("", "repeat", 0, 5)]


def test_a_line_s_number_is_told_too():
    def change(figures):
        figures["lines"]["L01"]["repeat"] = 50

    assert wrong_sums(digest(change=change), WEEK_COUNTS) == [Wrong("L01", "repeat", 50, 5)]


def test_a_unit_that_is_not_named_is_missed_where_lines_are_given():
    def change(figures):
        del figures["units"]["U03"]

    found = wrong_sums(digest(change=change), WEEK_COUNTS)
    assert {one.of for one in found} == {"U03"}


def test_a_correction_is_held_against_what_it_says_it_took_out():
    def change(figures, gone=2):
        figures["issue"], figures["corrected"] = 2, {"repeat": gone}
        figures["totals"]["repeat"] -= 2

    assert wrong_sums(digest(change=change), WEEK_COUNTS) == []
    wrong = digest(change=lambda figures: change(figures, 1))
    assert wrong_sums(wrong, WEEK_COUNTS) == [Wrong("", "repeat", 3, 4)]


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b'{"figures": 3}', b'{"figures": {"lines": 1}}']
)
def test_what_cannot_be_read_is_left_to_its_hash(data):
    assert wrong_sums(data, WEEK_COUNTS) == []
