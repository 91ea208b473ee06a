"""Two characters that stand apart say together what neither of them, and no short piece, says."""

from __future__ import annotations

from math import inf

from bot.domain.ballot import Ballot
from bot.domain.hearing import FAR_AHEAD
from bot.domain.judging import Judge
from bot.domain.skip_bigrams import skip_bigrams
from bot.domain.vocabulary import KINDS, Kind
from bot.domain.voting import kind_scores
from config.calendar import load_calendar
from config.rulebook import load_rulebook


def test_characters_with_one_to_five_others_between_them_are_told() -> None:
    assert skip_bigrams("表今天填") == {"表天", "表填", "今填"}


def test_five_others_are_the_most() -> None:
    assert "照传" in skip_bigrams("照一二三四五传")
    assert "照传" not in skip_bigrams("照一二三四五六传")


def test_neighbours_are_not_told() -> None:
    assert "照传" not in skip_bigrams("照传")


def test_nothing_is_told_of_less_than_three_characters() -> None:
    assert skip_bigrams("报表") == skip_bigrams("") == set()


def test_the_votes_that_ship_tell_kinds_by_them() -> None:
    ballot = Ballot(load_rulebook())

    photographs, forms = (
        kind_scores(*ballot.of_skips(text)) for text in ("照片今晚都传上来", "表今晚都填好")
    )

    screenshot_report, form_filling = map(KINDS.index, (Kind.SCREENSHOT_REPORT, Kind.FORM_FILLING))
    assert photographs[screenshot_report] > forms[screenshot_report]
    assert forms[form_filling] > photographs[form_filling]


def test_what_is_said_to_be_nothing_by_far_goes_without_them() -> None:
    far, near = "谢谢老师，您辛苦了", "各村今天下班前把表填好"
    book = load_rulebook()
    shipped, sees_all = (Judge(book, load_calendar(), far_ahead=n) for n in (FAR_AHEAD, inf))

    for text, same in ((far, False), (near, True)):
        votes = [
            judge.hearing.vote_of(judge.hearing.hear(text), 0) for judge in (shipped, sees_all)
        ]
        assert (votes[0] == votes[1]) is same
