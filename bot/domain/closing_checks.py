"""A month or a quarter checked: the weeks it names are in the log, and it is their sum."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.issues import ClosingIssue, Issue
from bot.domain.log_leaves import Leaf
from bot.domain.periods import Week
from bot.domain.proof_sets import digest_name, published_by
from bot.domain.recomputing import wrong_closing_sums
from bot.domain.verdicts import Failure, ProofSet, Verdict


def check_sources(found: ProofSet, leaves: Sequence[Leaf], verdict: Verdict) -> None:
    """What every closing among the files was added up from; digests that are there are added up."""
    logged = _logged(leaves)
    for leaf in leaves:
        issue = _issue(leaf)
        if not isinstance(issue, ClosingIssue) or issue.base != found.week:
            continue
        data = found.files.get(digest_name(issue))
        if data is None:
            continue  # told of as a digest that lies elsewhere
        name, sources = digest_name(issue), _sources(data, issue)
        if sources is None:
            continue  # damaged: its hash told of it
        before = {one: sha256 for one, (n, sha256) in logged.items() if n < leaf.n}
        for one in sources:
            if one not in before:
                verdict.fail(Failure.LOG, "source_not_logged", name=name, week=one.label)
        there = [
            found.sources[digest_name(one)] for one in sources if _is_there(one, found, before)
        ]
        if len(there) < len(sources):
            verdict.remark("sources_elsewhere", name=name, n=len(sources) - len(there))
            continue
        found_wrong = wrong_closing_sums(data, there)
        for wrong in found_wrong:
            key, said = ("sum_of_differs", {"of": wrong.of}) if wrong.of else ("sum_differs", {})
            verdict.fail(
                Failure.RECOMPUTED, key, name=name, measure=wrong.measure, told=str(wrong.told),
                counted=wrong.counted, **said,
            )  # fmt: skip
        if not found_wrong:
            verdict.remark("sources_added_up", name=name, n=len(there))


def _logged(leaves: Sequence[Leaf]) -> Mapping[Issue, tuple[int, str]]:
    """Digests of weeks with their leaf and hash."""
    found = {}
    for leaf in leaves:
        issue = _issue(leaf)
        if isinstance(issue, Issue):
            found[issue] = (leaf.n, str(leaf.said.get("sha256", "")))
    return found


def _issue(leaf: Leaf) -> Issue | ClosingIssue | None:
    try:
        return published_by(leaf)
    except ValueError:
        return None


def _sources(closing: bytes, issue: ClosingIssue) -> list[Issue] | None:
    try:
        held: Any = json.loads(closing)["sources"]
        return [Issue(Week.parse(week), issue.office, number) for week, number in held.items()]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _is_there(one: Issue, found: ProofSet, logged: Mapping[Issue, str]) -> bool:
    """Whether the digest lies there as it was logged."""
    data = found.sources.get(digest_name(one))
    return data is not None and hashlib.sha256(data).hexdigest() == logged.get(one)
