"""What hides itself: no way of writing it down shows it."""

from __future__ import annotations

import json
import logging
import pickle

import pytest

from bot.domain.private import NO_TEXT, Opaque, PrivateText


@pytest.mark.parametrize("kind", [Opaque, PrivateText])
def test_no_representation_shows_it(kind: type[Opaque | PrivateText]) -> None:
    hidden = kind("canary")

    shown = [repr(hidden), str(hidden), f"{hidden}", f"{hidden:>20}", "".join(map(str, [hidden])),
             repr([hidden]), repr({"a": hidden})]  # fmt: skip

    assert not any("canary" in each for each in shown)
    assert hidden.reveal() == "canary"


def test_neither_a_log_line_nor_an_exception_shows_it(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("test").warning("who %s said %s", Opaque("canary"), PrivateText("canary"))

    assert "canary" not in caplog.text
    assert "canary" not in str(KeyError(Opaque("canary")))


@pytest.mark.parametrize("kind", [Opaque, PrivateText])
def test_it_is_neither_pickled_nor_made_json(kind: type[Opaque | PrivateText]) -> None:
    with pytest.raises(TypeError):
        pickle.dumps(kind("canary"))
    with pytest.raises(TypeError):
        json.dumps({"a": kind("canary")})


def test_it_is_equal_by_value_within_its_kind() -> None:
    assert Opaque("a") == Opaque("a") != Opaque("b")
    assert len({Opaque("a"), Opaque("a"), PrivateText("a")}) == 2
    assert Opaque("a") != PrivateText("a")
    assert not NO_TEXT
