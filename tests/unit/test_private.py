"""What hides itself: no way of writing it down shows it."""

from __future__ import annotations

import copy
import json
import logging
import operator
import pickle
import reprlib
import traceback
from dataclasses import dataclass
from pprint import pformat

import orjson
import pytest

from bot.domain.private import NO_TEXT, Opaque, PrivateText


@dataclass(frozen=True, slots=True)
class Held:
    """Something that holds it, with the representation that dataclasses make."""

    what: Opaque | PrivateText


@pytest.mark.parametrize("kind", [Opaque, PrivateText])
def test_no_representation_shows_it(kind: type[Opaque | PrivateText]) -> None:
    hidden = kind("canary")

    shown = [repr(hidden), str(hidden), f"{hidden}", f"{hidden:>20}", "".join(map(str, [hidden])),
             repr([hidden]), repr({"a": hidden}), operator.mod("%r %s", (hidden, hidden)), f"{hidden!r}",
             f"{hidden!s:>9}", f"{hidden!a}", ascii(hidden), pformat([hidden]), repr(Held(hidden)),
             repr(ValueError(hidden)), str(KeyError(hidden)),
             str(ValueError(hidden, 1)), reprlib.repr([hidden])]  # fmt: skip

    assert not any("canary" in each for each in shown)
    assert hidden.reveal() == "canary"


def test_neither_a_log_line_nor_an_exception_shows_it(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("test").warning("who %s said %s", Opaque("canary"), PrivateText("canary"))

    assert "canary" not in caplog.text
    assert "canary" not in str(KeyError(Opaque("canary")))


def test_neither_a_traceback_with_its_locals_nor_what_holds_it_shows_it() -> None:
    def breaks(who: Opaque, said: PrivateText) -> None:
        held = Held(said)
        raise LookupError(who, held)

    try:
        breaks(Opaque("canary"), PrivateText("canary"))
    except LookupError as error:
        whole = traceback.TracebackException.from_exception(error, capture_locals=True)
        shown = "".join(whole.format())

    assert "who = <id>" in shown
    assert "said = ***" in shown
    assert 'canary"' in shown, "the source line stands there, so ids are never written in one"
    assert shown.count("canary") == 2


@pytest.mark.parametrize("kind", [Opaque, PrivateText])
def test_nothing_is_found_in_its_attributes_by_looking(kind: type[Opaque | PrivateText]) -> None:
    with pytest.raises(TypeError):
        vars(kind("canary"))
    for copied in (copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            copied(kind("canary"))


@pytest.mark.parametrize("kind", [Opaque, PrivateText])
def test_it_is_neither_pickled_nor_made_json(kind: type[Opaque | PrivateText]) -> None:
    with pytest.raises(TypeError):
        pickle.dumps(kind("canary"))
    for written in (json.dumps, orjson.dumps):
        with pytest.raises(TypeError):
            written({"a": kind("canary")})


def test_it_is_equal_by_value_within_its_kind() -> None:
    assert Opaque("a") == Opaque("a") != Opaque("b")
    assert len({Opaque("a"), Opaque("a"), PrivateText("a")}) == 2
    assert Opaque("a") != PrivateText("a")
    assert not NO_TEXT
