"""What the demo searches its files for: nothing that sealed noise would hold by chance."""

import pytest

from bot.demo.story import load_story
from bot.demo.sweep import canaries_of, sweep


def test_an_id_too_short_to_tell_from_noise_is_refused():
    with pytest.raises(ValueError, match="6 bytes"):
        canaries_of((), {"sys"})


def test_everybody_of_the_story_has_an_id_that_tells():
    _, lines = load_story()

    assert {line.sender for line in lines} <= canaries_of((), {line.sender for line in lines})


def test_a_word_of_the_story_is_found_in_every_writing(tmp_path):
    (said,) = canaries_of(["各村报截图"], ())
    for number, written in enumerate(
        (said.encode(), said.encode("utf-16-le"), said.encode("unicode_escape"))
    ):
        (tmp_path / str(number)).write_bytes(b"\x00" + written)
    (tmp_path / "other").write_bytes(b"\x00")

    assert sweep(tmp_path, {said}).found == ("0", "1", "2")
