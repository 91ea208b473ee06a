"""A checkpoint that was kept is compared by a dozen of hashes, with the log and without it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.consistency import ConsistencyProofs
from bot.domain.errors import BadInput
from bot.domain.issues import Issue
from bot.domain.merkle import Tree, leaf_hash
from bot.domain.periods import Week
from bot.domain.signed_notes import Checkpoint, parse_note, sign_note
from bot.terminal.cosigning import cosign_path, make_witness_key
from bot.terminal.verifying import verify_path
from handlers.keep_log import KeepLog
from tests.scenarios.lived_week import TEXTS, W42, W43, Lived
from tests.scenarios.week_end_house import MovedClock, at

PATHS = f"proof-{W43}.consistency"


@pytest.fixture
def keep(weeks: Lived) -> KeepLog:
    """Two weeks that were published, one after the other."""
    return weeks.keep


async def stick(keep: KeepLog, week: Week, folder: Path, *parts: str) -> Path:
    """A week's files; only those whose names end so where any `parts` are named."""
    issue = Issue(week, "county")
    files = {f"{issue.stem}.json": await keep.shelf.get(issue) or b""}
    files |= await keep.proof_of(issue, files)
    folder.mkdir()
    for name, data in files.items():
        if not parts or name.endswith(parts):
            (folder / name).write_bytes(data)
    return folder


async def kept(keep: KeepLog, tmp_path: Path) -> Path:
    """The checkpoint of the first week, as a reader kept it."""
    folder = await stick(keep, W42, tmp_path / "first")
    return folder / f"proof-{W42}.checkpoint"


async def rewritten(keep: KeepLog, file: Path) -> Path:
    """What the holder of the key would have signed of another history."""
    found = Checkpoint.parse(parse_note(file.read_bytes(), "kept").text, "kept")
    key, signing = await keep._key()
    other = Checkpoint(found.origin, found.size, bytes(32)).text()
    file.write_bytes(sign_note(other, key, signing.sign))
    return file


@pytest.mark.parametrize("parts", [(), ("county.json", ".inclusion", ".consistency")])
async def test_the_log_has_only_grown_since(
    keep: KeepLog, tmp_path: Path, capsys, parts: tuple[str, ...]
) -> None:
    since, key = await kept(keep, tmp_path), str(await keep.key())
    folder = await stick(keep, W43, tmp_path / "second", *parts)

    assert verify_path(folder, [key], since, TEXTS) == 0
    assert "has only grown" in capsys.readouterr().out

    assert verify_path(folder, [key], await rewritten(keep, since), TEXTS) == 2
    assert "history was rewritten" in capsys.readouterr().out


async def test_the_path_is_taken_where_it_lies_and_else_the_log(
    keep: KeepLog, tmp_path: Path, capsys
) -> None:
    since, key = await kept(keep, tmp_path), str(await keep.key())
    folder = await stick(keep, W43, tmp_path / "second")
    held = ConsistencyProofs.parse((folder / PATHS).read_bytes(), PATHS)
    wrong = ConsistencyProofs(held.size, {n: path[::-1] for n, path in held.paths.items()})
    (folder / PATHS).write_bytes(wrong.text())
    assert verify_path(folder, [key], since, TEXTS) == 2
    assert "history was rewritten" in capsys.readouterr().out

    (folder / PATHS).unlink()
    assert verify_path(folder, [key], since, TEXTS) == 2
    said = capsys.readouterr().out
    assert f"missing: {PATHS}" in said
    assert "has only grown" in said


async def test_without_path_and_log_it_says_that_nothing_was_compared(
    keep: KeepLog, tmp_path: Path, capsys
) -> None:
    since, key = await kept(keep, tmp_path), str(await keep.key())
    folder = await stick(keep, W43, tmp_path / "second", "county.json", ".inclusion")

    assert verify_path(folder, [key], since, TEXTS) == 2
    assert "it was not compared" in capsys.readouterr().out

    (folder / PATHS).write_bytes(b"qingzhuang-consistency/1\nsize many\n")
    assert verify_path(folder, [key], since, TEXTS) == 2
    assert "damaged: " + PATHS in capsys.readouterr().out


async def test_a_witness_cosigns_by_the_path(keep: KeepLog, tmp_path: Path, capsys) -> None:
    since, key = await kept(keep, tmp_path), str(await keep.key())
    folder, own = await stick(keep, W43, tmp_path / "second"), tmp_path / "own.key"
    make_witness_key(own, "inspection", TEXTS)
    clock = MovedClock(at("2026-10-26 15:00"))

    assert (
        cosign_path(folder, own, await rewritten(keep, Path(since)), [key], TEXTS, clock=clock)
        == 2
    )
    assert not (folder / f"proof-{W43}.cosigned").exists()

    (tmp_path / "again").mkdir()
    honest = await kept(keep, tmp_path / "again")
    assert cosign_path(folder, own, honest, [key], TEXTS, clock=clock) == 0
    assert "has only grown" in capsys.readouterr().out
    assert (folder / f"proof-{W43}.cosigned").exists()


def test_the_file_reads_back_and_no_other_spelling_does() -> None:
    proofs = ConsistencyProofs.of(
        Tree([leaf_hash(bytes([n])) for n in range(9)]), [1, 4, 7, 9, 12]
    )
    text = proofs.text()

    assert sorted(proofs.paths) == [1, 4, 7]
    assert ConsistencyProofs.parse(text, "x") == proofs
    for other in (b"", text[:-1], text + b"\n", text.replace(b"size 9", b"size 09"), text.upper()):
        with pytest.raises(BadInput):
            ConsistencyProofs.parse(other, "x")
    assert proofs.shows(5, b"", b"") is None
