"""Trains the votes of judgement from labelled transcripts: one command, seeded, reproducible.

    python -m config.model.train [--out config/model/votes.json] TRANSCRIPT…

A development step: scikit-learn is not needed at run time. The first look is a logistic regression
over short pieces and skip-bigrams of the normal form that occur in several groups, rules that fired,
and wordless traits of the message and of its moment (config/model/first_look.py); on the kinds a small
network votes beside it (config/model/network.py). The second, over how a burden
stands to the episodes that are open, says which it belongs to, whether it opens one, and of which
kinds it is (config/model/second_look.py). Trees (config/model/trees.py) say whether a message is a
burden, beside the first look, and whether it opens an episode, within the second.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bot.domain.judging import Judge
from bot.domain.leaning import sign_bits
from bot.domain.voting import NO_VOTE, SCALE, Model
from config.calendar import load_calendar
from config.model.crowds import crowds_of
from config.model.echoes import echoes_of
from config.model.edges import edged_lines
from config.model.first_look import fitted as first_look
from config.model.follow_ups import FollowUp, follow_ups_of, told_follow_ups
from config.model.samples import (
    Collector,
    Sample,
    Told,
    folds_of,
    line_samples,
    runs_of,
    told_groups,
    told_lines,
)
from config.model.second_look import (
    MADE_WEIGHT,
    Seconds,
    first_words_of,
    fitted_beside,
    fitted_calls,
    fitted_emergencies,
    fitted_links,
    grown_again,
    grown_burden,
    seconds_of,
)
from config.model.twins import twins_of
from config.rulebook import load_rulebook, model_of

GUESSING_FOLDS = 5
ROUNDS = 2
# Few wordings, many times.
MADE_SAMPLE_WEIGHT = 0.7


class Made(NamedTuple):
    """Made chats of some groups: what tells a demand from a press, and which one is pressed."""

    twins: Sequence[Told]
    crowds: Sequence[Told]
    echoes: Sequence[Told]
    follow_ups: Sequence[Told]


class Written(NamedTuple):
    """What is learned from: groups, first words of a group, and what is said after a notice."""

    told: Sequence[Told]
    lines: Sequence[Told]
    follow_ups: Sequence[FollowUp]


def samples_of(collector: Collector, written: Written) -> list[Sample]:
    """All that the first look learns from: groups, lines, and the last words of the chats made of both."""
    blank = Judge(load_rulebook(model=NO_VOTE), load_calendar())
    samples = [sample for group in written.told for sample in collector.of_group(group, 1.0)]
    for chat in follow_ups_of(blank, *written):
        samples += collector.of_group(chat, MADE_SAMPLE_WEIGHT, after=2)
    return samples + line_samples(collector, written.lines)


def fitted(samples: Sequence[Sample], written: Written) -> dict[str, Any]:
    """The model as it is written to the file, of all that was said and where it was said.

    `samples` are all of what is written.
    """
    return first_look(samples) | second_look(samples, written)


def second_look(samples: Sequence[Sample], written: Written) -> dict[str, Any]:
    """The second look's part of the model, and the trees beside the first.

    All of it is learned from first looks that saw neither the group nor the line's file: once with
    other groups of the same hand among what they saw, once without.
    """
    told, lines, _ = written
    names = {group.name for group in (*told, *lines)}
    folds = folds_of(names, GUESSING_FOLDS) + runs_of(names, GUESSING_FOLDS)
    firsts = [first_look([s for s in samples if s.group not in fold]) for fold in folds]
    parts = [[group for group in told if group.name in fold] for fold in folds]
    book = load_rulebook(model=NO_VOTE)
    blank = Judge(book, load_calendar())
    chats = [make(blank, told) for make in (twins_of, crowds_of, echoes_of)]
    chats.append(follow_ups_of(blank, *written))
    made = [
        Made(*([group for group in own if group.name in fold] for own in chats)) for fold in folds
    ]
    learned: dict[str, Any] = {}
    labelled = Seconds()
    for _ in range(2):  # with the labels as memory: the links first, then what builds on them
        labelled = _rows(firsts, parts, made, learned, guessed=False)
        learned = _weights(labelled)
    # The trees would trust a memory of labels more than the one that they will have.
    labelled.again.clear()
    for _ in range(ROUNDS):
        rows = _rows(firsts, parts, made, learned, guessed=True)
        rows.add(labelled)
        learned = _weights(rows)
    for first, fold in zip(firsts, folds, strict=True):
        judge = Judge(load_rulebook(model=as_model(first | learned)), load_calendar())
        rows.burdens += first_words_of(judge, [line for line in lines if line.name in fold])
    return learned | {"burden": grown_burden(rows, sign_bits(book))}


def _rows(
    firsts: Sequence[dict[str, Any]],
    parts: Sequence[Sequence[Told]],
    made: Sequence[Made],
    learned: dict[str, Any],
    *,
    guessed: bool,
) -> Seconds:
    rows = Seconds()
    for first, groups, chats in zip(firsts, parts, made, strict=True):
        judge = Judge(load_rulebook(model=as_model(first | learned)), load_calendar())
        rows.add(seconds_of(judge, groups, guessed=guessed))
        twin = seconds_of(judge, chats.twins, guessed=guessed)
        named = seconds_of(judge, chats.crowds, guessed=guessed)
        called = seconds_of(judge, chats.echoes, guessed=guessed)
        followed = seconds_of(judge, chats.follow_ups, guessed=guessed)
        again = (*twin.again, *named.again, *called.again, *followed.again)
        rows.again += [row._replace(weight=MADE_WEIGHT) for row in again]
        rows.links += named.links + called.links + followed.links
        rows.calls += called.calls
        rows.burdens += [row._replace(weight=MADE_WEIGHT) for row in followed.burdens]
    return rows


def _weights(rows: Seconds) -> dict[str, Any]:
    return {
        name: {trait: round(share * SCALE) for trait, share in weights.items()}
        for name, weights in (
            ("links", fitted_links(rows)),
            ("beside", fitted_beside(rows)),
            ("calls", fitted_calls(rows)),
            ("emergencies", fitted_emergencies(rows)),
        )
    } | {"again": grown_again(rows)}


def as_model(told: dict[str, Any]) -> Model:
    """The model of `fitted`, without the way over a file."""
    return model_of(json.dumps(told).encode())


def main() -> None:
    """Train on the named transcripts and write the model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("transcripts", nargs="+", type=Path)
    folders = "folders that hold demands/, reminders/, cancels/ or ordinary/"
    parser.add_argument("--lines", type=Path, nargs="*", default=[], help=folders)
    parser.add_argument("--follow-ups", type=Path, help="a folder of what is said after notices")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("votes.json"))
    asked = parser.parse_args()
    collector = Collector()
    told = [group for path in asked.transcripts for group in told_groups(path)]
    lines = [line for folder in asked.lines for line in told_lines(folder)]
    lines += edged_lines(lines)
    follow_ups = told_follow_ups(asked.follow_ups) if asked.follow_ups else []
    written = Written(told, lines, follow_ups)
    model = fitted(samples_of(collector, written), written)
    asked.out.write_text(
        json.dumps(model, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8"
    )


if __name__ == "__main__":
    main()
