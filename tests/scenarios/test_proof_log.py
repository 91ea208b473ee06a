"""The log from the books to the inspector's folder, on a real database and with real keys."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.disputes import DisputeState
from bot.domain.errors import StoreError
from bot.domain.issues import Issue
from bot.domain.log_leaves import Leaf, opens, parse_leaf
from bot.domain.periods import Week
from bot.domain.private import Opaque
from bot.renderings.chat_markdown import chat_markdown
from bot.renderings.json_document import decode_digest
from bot.terminal.verifying import verify_path
from handlers.ports import Role
from storage.store import Store, open_store
from tests.scenarios.lived_week import BEGIN, TEXTS, W42, Lived, a_week, export, keeper
from tests.scenarios.week_end_house import SHANGHAI, FakeSpeaker, House, MovedClock, profile
from tests.storage.entries import demand

RE_ISSUES = 1000 if os.environ.get("SOAK") else 100


@pytest.fixture
async def store(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(sqlite_url, tmp_path / "keys", secrets.token_bytes) as opened:
        yield opened


@pytest.fixture
def key_folder(tmp_path: Path) -> Path:
    return tmp_path / "proof-keys"


@pytest.fixture
async def home(store: Store) -> House:
    home = House(store, MovedClock(BEGIN), FakeSpeaker())
    await home.register()
    return home


async def test_a_week_is_verified_from_its_folder_and_by_an_auditor(
    week: Lived, tmp_path: Path, capsys
) -> None:
    await export(week, tmp_path / "usb", auditor=True)

    key = str(await week.keep.key())
    assert verify_path(tmp_path / "usb", [key], None, TEXTS) == 0
    said = capsys.readouterr().out
    assert "169 of them hours" in said
    assert "170 commitments opened" in said
    assert "✗" not in said


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        (lambda usb: (usb / f"digest-{W42}-county.md").write_bytes(b"# Words"), 2, "county.md"),
        (lambda usb: (usb / f"digest-{W42}-county.json").unlink(), 2, "missing: digest-2026-W42"),
        (lambda usb: (usb / f"proof-{W42}.log").unlink(), 2, "missing: log"),
        (lambda usb: (usb / f"proof-{W42}.checkpoint").unlink(), 1, "missing: checkpoint"),
        (lambda usb: (usb / f"proof-{W42}.checkpoint").unlink(), 1, "failed (1: a signed file of"),
        (lambda usb: (usb / f"proof-{W42}.files").write_bytes(b""), 1, "failed (1: signature)"),
        (lambda usb: (usb / f"proof-{W42}.files").write_bytes(b""), 1, "damaged: manifest"),
    ],
)
async def test_what_was_changed_in_the_folder_is_named(
    week: Lived, tmp_path: Path, capsys, change, code, says
) -> None:
    await export(week, tmp_path / "usb")

    change(tmp_path / "usb")

    assert verify_path(tmp_path / "usb", [], None, TEXTS) == code
    assert says in capsys.readouterr().out


async def test_a_fingerprint_is_compared_with_the_key_in_the_files(
    week: Lived, tmp_path: Path, capsys
) -> None:
    await export(week, tmp_path / "usb")
    fingerprint = (await week.keep.key()).fingerprint

    for written in (fingerprint, f"指纹：{fingerprint.upper()}", fingerprint.replace(" ", "")):
        assert verify_path(tmp_path / "usb", [written], None, TEXTS) == 0
        assert "compare the fingerprint" not in capsys.readouterr().out

    assert verify_path(tmp_path / "usb", ["0" * 32], None, TEXTS) == 1
    assert "The key or fingerprint that you gave is not in the log" in capsys.readouterr().out


async def test_what_the_key_command_printed_into_a_file_is_a_key(
    week: Lived, tmp_path: Path, capsys
) -> None:
    await export(week, tmp_path / "usb")
    key = await week.keep.key()
    (tmp_path / "key.txt").write_text(f"公钥：{key}\n指纹：{key.fingerprint}\n", "utf-8")

    assert verify_path(tmp_path / "usb", [str(tmp_path / "key.txt")], None, TEXTS) == 0
    assert "No key" not in capsys.readouterr().out


async def test_re_issues_are_the_same_bytes_for_most_of_a_day(week: Lived) -> None:
    first = await week.keep.proof_of(Issue(W42, "county"), {"digest-2026-W42-county.json": b"{}"})

    for _ in range(RE_ISSUES):
        week.home.clock.moment += timedelta(minutes=1000) / RE_ISSUES
        assert (
            await week.keep.proof_of(Issue(W42, "county"), {"digest-2026-W42-county.json": b"{}"})
            == first
        )


async def test_who_was_killed_finds_what_is_still_owed(
    home: House, store: Store, key_folder: Path, tmp_path: Path
) -> None:
    keep = keeper(store, home.clock, key_folder)
    await keep(["county"], listening=True)
    await home.hear(W42)
    home.clock.moment += timedelta(days=7)
    await home.close()
    await home.publish()

    for _ in range(3):  # each as a new process
        await keeper(store, home.clock, key_folder)(["county"], listening=True)

    kinds = [parse_leaf(line, "log").kind for line in await store.proof_log.lines()]
    assert [kinds.count(kind) for kind in ("key", "hour", "week", "shredded", "digest")] == [
        1, 169, 1, 1, 1,
    ]  # fmt: skip
    assert len(await store.proof_log.checkpoints()) == 2
    await export(Lived(store, home, keep), tmp_path / "usb")
    assert verify_path(tmp_path / "usb", [], None, TEXTS) == 0


async def test_of_a_year_s_weeks_each_key_is_destroyed_and_each_end_is_in_the_log(
    home: House, store: Store, key_folder: Path, tmp_path: Path
) -> None:
    keep = keeper(store, home.clock, key_folder)
    weeks = [W42.shifted(n) for n in range(52)]
    for week in weeks:
        await store.books.record([demand(f"d-{week}", week=week)])
        store.keyring.tags(week)
        home.clock.moment = week.ends_at(SHANGHAI) + timedelta(hours=2)
        await home.close()
        await keep(["county"])

    ends = [leaf.said["week"] for leaf in await leaves(store, "shredded")]
    assert ends == [str(week) for week in weeks]
    assert list((tmp_path / "keys").glob("*.tags")) == []


async def test_a_rewrite_of_the_complaint_store_is_logged_once_with_what_it_deleted(
    home: House, store: Store, key_folder: Path
) -> None:
    deleted = [(W42, 0), (W42.shifted(1), 2016)]

    async def deletions() -> list[tuple[Week, int]]:
        return deleted

    keep = replace(keeper(store, home.clock, key_folder), deletions=deletions)
    for _ in range(2):
        await keep([])

    found = [leaf for leaf in await leaves(store, "forgotten") if "complaints" in leaf.subject]
    assert [dict(leaf.said) for leaf in found] == [{"week": str(week)} for week, _ in deleted]
    openings = {one.n: json.loads(one.content) for one in await store.proof_log.openings(99)}
    assert [openings[leaf.n] for leaf in found] == [
        {"complaint_records": 0}, {"complaint_records": 2016},
    ]  # fmt: skip


async def test_a_complaint_store_that_is_away_leaves_nothing_else_unsigned(
    home: House, store: Store, key_folder: Path
) -> None:
    async def away() -> list[tuple[Week, int]]:
        raise StoreError("away")

    keep = replace(keeper(store, home.clock, key_folder), deletions=away)
    await home.hear(W42)
    home.clock.moment += timedelta(days=7)
    await home.close()
    await home.publish()

    with pytest.raises(StoreError):
        await keep(["county"])

    assert len(await leaves(store, "digest")) == 1
    last = await keep.last_checkpoint()
    assert last is not None
    assert last[0] == len(await store.proof_log.lines())


async def test_a_new_key_takes_over_and_both_keys_verify(week: Lived, tmp_path: Path) -> None:
    former = await week.keep.key()

    new = await week.keep.rotate()
    await export(week, tmp_path / "usb")

    assert new != former
    assert len(list((tmp_path / "lived" / "proof-keys").iterdir())) == 1
    for key in (former, new):
        assert verify_path(tmp_path / "usb", [str(key)], None, TEXTS) == 0


async def test_a_key_file_is_its_owners_alone(home: House, store: Store, key_folder: Path) -> None:
    await keeper(store, home.clock, key_folder).key()

    assert [path.stat().st_mode & 0o777 for path in key_folder.iterdir()] == [0o600]


async def leaves(store: Store, kind: str) -> list[Leaf]:
    found = [parse_leaf(line, "log") for line in await store.proof_log.lines()]
    return [leaf for leaf in found if leaf.kind == kind]


async def test_the_role_table_is_a_leaf_whenever_it_changes(
    home: House, store: Store, key_folder: Path
) -> None:
    keep, today = keeper(store, home.clock, key_folder), home.clock.now().date()
    for step in ("nobody", "office", "office", "approver", "revoked"):
        if step in ("office", "approver"):
            await store.registry.grant("wecom", "corp", Opaque("li.hua"), Role(step), "*", today)
        elif step == "revoked":
            await store.registry.revoke("wecom", "corp", Opaque("li.hua"), Role.OFFICE, "*")
        await keep([])

    told = await leaves(store, "roles")
    assert [dict(leaf.said) for leaf in told] == [
        {"number": 1, "office": 1},
        {"number": 2, "office": 1, "approver": 1},
        {"number": 3, "approver": 1},
    ]
    assert all(leaf.commitment for leaf in told)
    assert "li.hua" not in b"".join(await store.proof_log.lines()).decode()
    contents = [one.content.decode() for one in await store.proof_log.openings(99)]
    assert "li.hua" not in "".join(contents)


async def test_each_step_of_a_dispute_is_a_leaf_that_names_no_group(
    home: House, store: Store, key_folder: Path
) -> None:
    keep = keeper(store, home.clock, key_folder)
    await home.hear(W42)
    (count, *_) = await store.disputes.latest(profile().code, W42, 9)
    for state in (DisputeState.OPEN, DisputeState.UPHELD):
        await store.disputes.move(count, state, "office", W42)
        for _ in range(2):
            await keep([])

    told = await leaves(store, "dispute")
    assert [leaf.said["state"] for leaf in told] == ["open", "upheld"]
    assert not {"g-1", "u-1"} & {str(value) for leaf in told for value in leaf.said.values()}
    openings = {one.n: json.loads(one.content) for one in await store.proof_log.openings(99)}
    assert openings[told[0].n] == {"by": "office", "group": "g-1", "unit": "u-1"}


async def test_a_dispute_of_a_kind_commits_to_the_kind_and_says_it_to_nobody(
    home: House, store: Store, key_folder: Path
) -> None:
    keep = keeper(store, home.clock, key_folder)
    await home.hear(W42)
    (count, *_) = await store.disputes.latest(profile().code, W42, 9)
    await store.disputes.move(count, DisputeState.OPEN, "group_admin", W42, count.kinds[:1])
    await keep([])

    (told,) = await leaves(store, "dispute")
    assert set(told.said) == {"week", "in_week", "state", "after_close"}
    (opening,) = [one for one in await store.proof_log.openings(99) if one.n == told.n]
    kinds = [kind.value for kind in count.kinds[:1]]
    by = {"by": "group_admin", "group": "g-1", "unit": "u-1"}
    assert json.loads(opening.content) == {**by, "kinds": kinds}
    assert opens(told.commitment, opening.nonce, opening.content)


async def test_what_was_deleted_is_logged_once_with_its_numbers_committed_to(
    home: House, store: Store, key_folder: Path
) -> None:
    keep = keeper(store, home.clock, key_folder)
    for _ in range(2):
        await keep.forgotten(W42, {"facts": 17, "parcels": 3})

    (leaf,) = await leaves(store, "forgotten")
    assert dict(leaf.said) == {"week": str(W42)}
    (opening,) = await store.proof_log.openings(99)
    assert json.loads(opening.content) == {"facts": 17, "parcels": 3}


async def test_a_digest_says_which_log_lay_before_it_and_is_its_witness(
    home: House, store: Store, key_folder: Path, tmp_path: Path, capsys
) -> None:
    keep = keeper(store, home.clock, key_folder)
    object.__setattr__(home.publish, "last_checkpoint", keep.last_checkpoint)
    await keep([])
    await a_week(home, keep)
    kept = await home.publish.stored(W42, "county")
    assert kept is not None
    size, root = (await store.proof_log.checkpoints())[0][0], decode_digest(kept).figures.log_root
    assert (decode_digest(kept).figures.log_size, len(root)) == (size, 64)
    shown = chat_markdown(decode_digest(kept).document)
    assert f"共{size}条" in shown
    assert f"{root[:4]} {root[4:8]} {root[8:12]} {root[12:16]}" in shown
    await export(Lived(store, home, keep), tmp_path / "usb")
    assert verify_path(tmp_path / "usb", [], None, TEXTS) == 0
    capsys.readouterr()

    # Who holds the key writes the history anew, and cannot take back the page that went out.
    forged = tmp_path / "usb" / f"digest-{W42}-county.json"
    forged.write_bytes(kept.replace(root.encode(), b"0" * 64))

    assert verify_path(tmp_path / "usb", [], None, TEXTS) == 2
    assert "another root" in capsys.readouterr().out
