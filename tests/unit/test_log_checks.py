"""What `verify` finds: every byte, every leaf, every hour."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.crypto.international import International
from bot.domain.issues import Issue
from bot.domain.log_checks import check
from bot.domain.log_keys import key_entry
from bot.domain.log_leaves import (
    HOUR,
    NO_LEAF,
    Entry,
    Leaf,
    LeafKind,
    canonical,
    chained,
    commit,
    hour_name,
    hour_of,
)
from bot.domain.merkle import leaf_hash, root_of
from bot.domain.periods import Week
from bot.domain.proof_sets import Manifest, checkpoint_name, digest_name, log_name
from bot.domain.signed_notes import Checkpoint, NoteKey, parse_note, sign_note
from bot.domain.verdicts import Failure, ProofSet, Verdict

WEEK = "2026-W42"
FIRST = hour_of("2026-10-12T00Z")
INTERNATIONAL = International(secrets.token_bytes)
SECRET, NEXT_SECRET = bytes(range(32)), bytes(range(1, 33))
FIGURES = {
    "lines": {"l": {"demands": 3}},
    "totals": {"demands": 3},
    "units": {"u": {"demands": 3}},
}
DIGEST = canonical({"figures": FIGURES})
WEEK_COUNTS = canonical(
    {"columns": ["demands"], "rows": [["g", "u", "l", 1, 2], ["g", "u", "l", 2, 1]]}
)
NAME = digest_name(Issue(Week.parse(WEEK), "county"))
PAGE = f"digest-{WEEK}-county.html"
HOURS = 30


def key_of(secret: bytes) -> NoteKey:
    return NoteKey("qingzhuang-test", INTERNATIONAL.signing_public(secret))


def sign_with(secret: bytes):
    return partial(INTERNATIONAL.sign, secret)


KEY = key_of(SECRET)


def hours(count: int = HOURS) -> list[Entry]:
    names = [hour_name(FIRST + n * HOUR) for n in range(count)]
    return [Entry(LeafKind.HOUR, f"hour {each}", {"hour": each}, b"{}") for each in names]


def closing(digest: bytes = DIGEST) -> list[Entry]:
    said = {"week": WEEK}
    of = {**said, "office": "county", "sha256": hashlib.sha256(digest).hexdigest()}
    return [
        Entry(LeafKind.WEEK, f"week {WEEK}", said, WEEK_COUNTS),
        Entry(LeafKind.SHREDDED, f"shredded {WEEK}", said),
        Entry(LeafKind.DIGEST, f"digest {WEEK} county", of),
    ]


def written(entries: list[Entry]) -> tuple[list[bytes], bytes]:
    """The lines of a log, and what opens it."""
    lines: list[bytes] = []
    openings = b""
    at = int((FIRST + HOUR).timestamp())
    for n, entry in enumerate(entries):
        nonce = n.to_bytes(32, "big")
        commitment = "" if entry.content is None else commit(nonce, entry.content)
        if entry.kind is LeafKind.HOUR:
            at = int((hour_of(str(entry.said["hour"])) + HOUR).timestamp()) + 20
        before = chained(lines[-1]) if lines else NO_LEAF
        lines.append(Leaf(n, at, before, entry.kind, entry.subject, entry.said, commitment).line())
        if entry.content is not None:
            held = {"n": n, "nonce": nonce.hex(), "content": entry.content.decode()}
            openings += canonical(held) + b"\n"
    return lines, openings


def signed(lines: list[bytes], secret: bytes = SECRET, previous: int = 5) -> bytes:
    hashes = [leaf_hash(line) for line in lines]
    before = root_of(hashes[:previous]) if previous else b""
    text = Checkpoint(KEY.name, len(lines), root_of(hashes), previous, before).text()
    return sign_note(text, key_of(secret), sign_with(secret))


def exported(
    entries: list[Entry] | None = None, digest: bytes = DIGEST, secret: bytes = SECRET
) -> ProofSet:
    start = [key_entry(KEY, sign_with(SECRET), None, None)]
    lines, openings = written([*start, *hours(), *closing()] if entries is None else entries)
    log, checkpoint = b"".join(line + b"\n" for line in lines), signed(lines, secret)
    files = {
        NAME: digest,
        PAGE: b"<p>3</p>",
        log_name(WEEK): log,
        checkpoint_name(WEEK): checkpoint,
    }
    manifest = sign_note(Manifest.of(WEEK, files).text(), key_of(secret), sign_with(secret))
    return ProofSet(WEEK, log, checkpoint, manifest, files, openings, (KEY,))


def with_log(found: ProofSet, log: bytes | None) -> ProofSet:
    rest = {name: data for name, data in found.files.items() if name != log_name(WEEK)}
    return replace(found, log=log, files=rest if log is None else rest | {log_name(WEEK): log})


def told(found: ProofSet) -> Verdict:
    return check(found, INTERNATIONAL.verify)


def failures(verdict: Verdict) -> dict[str, dict[str, str | int]]:
    return {one.key: dict(one.values) for one in verdict.findings if one.failure}


def test_a_set_as_it_was_exported_is_verified_whole() -> None:
    verdict = told(exported())

    assert verdict.findings == []
    assert (verdict.exit_code, verdict.leaves, verdict.hours, verdict.files) == (0, 34, HOURS, 4)
    assert verdict.opened == HOURS + 1
    assert verdict.fingerprint == KEY.fingerprint


PARTS = ("log", "checkpoint", "manifest", "digest", "page", "openings")


def test_random_bytes_in_capitals_are_another_spelling() -> None:
    found = exported()
    assert found.openings is not None
    nonces = [json.loads(line)["nonce"] for line in found.openings.splitlines()]
    small = next(one for one in nonces if not one.isdigit()).encode()
    capital = small.upper()

    changed = replace(found, openings=found.openings.replace(small, capital))

    assert "opening_damaged" in {one.key for one in told(changed).findings}


@given(st.sampled_from(PARTS), st.data())
def test_any_bit_changed_in_any_file_is_told(part: str, data: st.DataObject) -> None:
    found = exported()
    whole = {
        "log": found.log, "checkpoint": found.checkpoint, "manifest": found.manifest,
        "digest": DIGEST, "page": found.files[PAGE], "openings": found.openings,
    }[part]  # fmt: skip
    assert whole is not None
    at, bit = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(0, 7))
    changed = whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :]

    if part == "log":
        found = with_log(found, changed)
    elif part in ("digest", "page"):
        name = NAME if part == "digest" else PAGE
        found = replace(found, files={**found.files, name: changed})
    elif part == "checkpoint":
        found = replace(found, checkpoint=changed)
    elif part == "manifest":
        found = replace(found, manifest=changed)
    else:
        found = replace(found, openings=changed)

    assert told(found).exit_code != 0


@given(st.integers(1, 32))
def test_a_changed_leaf_is_told_by_its_number(n: int) -> None:
    found = exported()
    assert found.log is not None
    lines = found.log.splitlines()
    held = json.loads(lines[n])
    held["at"] += 1
    lines[n] = canonical(held)

    verdict = told(with_log(found, b"\n".join(lines) + b"\n"))

    assert failures(verdict)["leaf_changed"] == {"n": n, "next": n + 1}
    assert verdict.exit_code == Failure.LOG


@given(st.integers(0, 32), st.integers(1, 3))
def test_removed_leaves_are_told_by_their_numbers(first: int, count: int) -> None:
    found = exported()
    assert found.log is not None
    lines = found.log.splitlines()
    last = min(first + count, 33) - 1
    del lines[first : last + 1]

    verdict = told(with_log(found, b"\n".join(lines) + b"\n"))

    assert failures(verdict)["leaves_missing"] == {"first": first, "last": last}


def test_leaves_cut_off_at_the_end_are_told_by_how_many_there_should_be() -> None:
    found = exported()
    assert found.log is not None
    lines = found.log.splitlines()[:-2]

    verdict = told(with_log(found, b"\n".join(lines) + b"\n"))

    assert failures(verdict)["log_short"] == {"size": 34, "found": 32}


@given(st.integers(1, HOURS - 2))
def test_an_hour_that_was_never_logged_is_told_though_all_is_signed(n: int) -> None:
    entries = [key_entry(KEY, sign_with(SECRET), None, None), *hours(), *closing()]
    missing = str(entries.pop(n + 1).said["hour"])

    verdict = told(exported(entries))

    assert failures(verdict) == {"hours_missing": {"first": missing, "last": missing, "n": n + 1}}
    assert verdict.exit_code == Failure.GAP


@pytest.mark.parametrize(
    ("without", "key"), [(LeafKind.WEEK, "no_week"), (LeafKind.SHREDDED, "no_shredded")]
)
def test_a_week_without_its_close_or_its_keys_end_is_a_gap(without: LeafKind, key: str) -> None:
    start = key_entry(KEY, sign_with(SECRET), None, None)
    rest = [each for each in closing() if each.kind is not without]

    verdict = told(replace(exported([start, *hours(), *rest]), openings=None))

    assert failures(verdict) == {key: {"week": WEEK}}
    assert verdict.exit_code == Failure.GAP


@pytest.mark.parametrize("name", [NAME, PAGE])
def test_a_file_that_was_changed_or_taken_away_is_named(name: str) -> None:
    found = exported()
    changed = replace(found, files={**found.files, name: found.files[name].replace(b"3", b"2")})
    rest = {each: data for each, data in found.files.items() if each != name}

    assert failures(told(changed))["file_changed"] == {"name": name}
    assert failures(told(replace(found, files=rest)))["file_missing"] == {"name": name}
    assert told(replace(found, files=rest)).exit_code == Failure.LOG


@pytest.mark.parametrize("part", ["log", "checkpoint", "manifest"])
def test_a_part_of_the_proof_that_is_not_there_is_named(part: str) -> None:
    found = with_log(exported(), None) if part == "log" else replace(exported(), **{part: None})

    assert failures(told(found))["part_missing"] == {"part": part}


def test_a_set_signed_by_somebody_else_is_refused_by_who_pinned_the_key() -> None:
    start = key_entry(key_of(NEXT_SECRET), sign_with(NEXT_SECRET), None, None)
    forged = exported([start, *hours(), *closing()], secret=NEXT_SECRET)

    assert failures(told(forged)) == {"not_pinned": {}}
    assert told(forged).exit_code == Failure.SIGNATURE
    assert [one.key for one in told(replace(forged, pinned=())).findings] == ["unpinned"]


def test_a_key_that_the_former_one_signed_for_is_followed() -> None:
    start = key_entry(KEY, sign_with(SECRET), None, None)
    over = key_entry(key_of(NEXT_SECRET), sign_with(NEXT_SECRET), KEY, sign_with(SECRET))

    assert told(exported([start, over, *hours(), *closing()], secret=NEXT_SECRET)).findings == []


def test_a_key_that_the_former_one_did_not_sign_for_is_told() -> None:
    start = key_entry(KEY, sign_with(SECRET), None, None)
    taken = key_entry(key_of(NEXT_SECRET), sign_with(NEXT_SECRET), KEY, None)

    verdict = told(exported([start, taken, *hours(), *closing()], secret=NEXT_SECRET))

    assert failures(verdict) == {"key_broken": {"n": 1}}


def test_a_history_written_anew_does_not_fit_the_checkpoint_that_was_kept() -> None:
    honest = exported()
    start = key_entry(KEY, sign_with(SECRET), None, None)
    anew = [start, *hours()]
    anew[3] = replace(anew[3], content=b'{"rows":[]}')
    rewritten = replace(exported([*anew, *closing()]), older=honest.checkpoint)

    assert failures(told(rewritten)) == {"not_consistent": {"size": 34}}
    (only,) = told(replace(honest, older=honest.checkpoint)).findings
    assert (only.failure, only.key) == (None, "consistent")


def test_a_total_that_does_not_follow_from_the_counts_is_told_to_the_auditor() -> None:
    wrong = canonical({"figures": {**FIGURES, "totals": {"demands": 2}}})
    start = key_entry(KEY, sign_with(SECRET), None, None)
    found = exported([start, *hours(), *closing(wrong)], wrong)

    assert failures(told(found)) == {
        "sum_differs": {"name": NAME, "measure": "demands", "told": "2", "counted": 3}
    }
    assert told(found).exit_code == Failure.RECOMPUTED
    assert told(replace(found, openings=None)).findings == []


def test_counts_that_were_changed_afterwards_no_longer_open_their_commitment() -> None:
    found = exported()
    assert found.openings is not None
    changed = found.openings.replace(b'\\"l\\",1,2]', b'\\"l\\",1,1]')

    assert failures(told(replace(found, openings=changed)))["opening_differs"]["subject"] == (
        f"week {WEEK}"
    )


def test_hours_written_late_are_told_and_are_no_failure() -> None:
    start = key_entry(KEY, sign_with(SECRET), None, None)
    lines, _ = written([start, *hours(), *closing()])
    held = json.loads(lines[-1])
    assert held["n"] == 33
    stopped = exported([start, *hours(3), *hours()[3:], *closing()])
    assert told(stopped).findings == []

    late = [json.loads(line) for line in lines]
    relined: list[bytes] = []
    for each in late:
        each["at"] += 5 * 3600
        each["prev"] = chained(relined[-1]) if relined else NO_LEAF
        relined.append(canonical(each))
    log = b"".join(line + b"\n" for line in relined)
    verdict = told(replace(exported(), log=log))

    assert "hours_late" in {one.key for one in verdict.findings if one.failure is None}
    (spans,) = (one.values["spans"] for one in verdict.findings if one.key == "hours_late")
    assert spans == "2026-10-12T00Z…2026-10-13T05Z"
    assert failures(verdict)["hours_end"] == {"first": "2026-10-13T06Z", "n": 33}


@given(st.binary(max_size=300))
def test_whatever_stands_in_the_files_nothing_is_raised(data: bytes) -> None:
    found = exported()
    for part in ("log", "checkpoint", "manifest", "openings", "older"):
        assert told(replace(found, **{part: data})).exit_code != 0
    assert told(replace(found, files=dict.fromkeys(found.files, data))).exit_code != 0


def test_a_note_in_another_spelling_is_refused() -> None:
    note = exported().checkpoint
    assert note is not None
    assert parse_note(note, "checkpoint").is_signed_by(KEY, INTERNATIONAL.verify)

    verdict = told(replace(exported(), checkpoint=note + b"\n"))

    assert failures(verdict)["note_damaged"] == {"part": "checkpoint"}


def test_late_hours_are_told_in_runs_and_an_hour_alone_once() -> None:
    at = {"T01Z", "T05Z", "T06Z", "T07Z"}
    lines, _ = written([key_entry(KEY, sign_with(SECRET), None, None), *hours(24), *closing()])
    relined: list[bytes] = []
    for each in (json.loads(line) for line in lines):
        if each["kind"] == "hour" and each["said"]["hour"][-4:] in at:
            each["at"] += 5 * 3600
        each["prev"] = chained(relined[-1]) if relined else NO_LEAF
        relined.append(canonical(each))
    verdict = told(replace(exported(), log=b"".join(line + b"\n" for line in relined)))

    (spans,) = (one.values["spans"] for one in verdict.findings if one.key == "hours_late")
    assert spans == "2026-10-12T01Z, 2026-10-12T05Z…2026-10-12T07Z"
