"""A second office on its own machine: it checks, signs that it saw, and one digest goes alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.cosignatures import WitnessKey, cosigned, seen_at
from bot.domain.errors import BadInput
from bot.domain.inclusions import Inclusion
from bot.domain.merkle import Tree, leaf_hash, root_of
from bot.domain.signed_notes import NoteKey, parse_note
from bot.terminal.cosigning import cosign_path, make_witness_key
from bot.terminal.verifying import verify_path
from tests.scenarios.lived_week import SIGNER, TEXTS, W42, Lived, export
from tests.scenarios.week_end_house import MovedClock, at

SEED = bytes(range(32))
WITNESS = WitnessKey("inspection", SIGNER.signing_public(SEED))


@dataclass
class Stick:
    """What lies on the stick, and the keys that the offices published."""

    folder: Path
    bot: str
    witness: str
    own: Path

    def cosign(self, since: Path | None, *, first: bool = False) -> int:
        clock = MovedClock(at("2026-10-19 15:00"))
        return cosign_path(
            self.folder, self.own, since, [self.bot], TEXTS, first=first, clock=clock
        )

    def verify(self, **more: object) -> int:
        return verify_path(self.folder, [self.bot], None, TEXTS, [self.witness], **more)


@pytest.fixture
async def stick(week: Lived, tmp_path: Path, capsys) -> Stick:
    await export(week, tmp_path / "usb")
    own = tmp_path / "witness.key"
    make_witness_key(own, "inspection", TEXTS)
    public = capsys.readouterr().out.split("inspection+")[1].strip()
    return Stick(tmp_path / "usb", str(await week.keep.key()), f"inspection+{public}", own)


def test_a_cosignature_fits_its_checkpoint_its_key_and_its_moment(tmp_path: Path) -> None:
    note = b"origin\n3\nAAAA\n\n\xe2\x80\x94 origin AAAAAAAA\n"
    made = cosigned(note, WITNESS, lambda message: SIGNER.sign(SEED, message), 1_792_000_000)

    assert made.startswith(note)
    assert seen_at(parse_note(made, "x"), WITNESS, SIGNER.verify) == 1_792_000_000
    other = WitnessKey("inspection", SIGNER.signing_public(bytes(32)))
    assert seen_at(parse_note(made, "x"), other, SIGNER.verify) is None
    moved = parse_note(made.replace(b"origin\n3", b"origin\n4"), "x")
    assert seen_at(moved, WITNESS, SIGNER.verify) is None


def test_a_witness_s_key_reads_as_it_was_written() -> None:
    assert WitnessKey.parse(f"{WITNESS}\n", "x") == WITNESS
    for wrong in ("", "a+b+c", str(WITNESS)[:-4] + "AAA=", str(WITNESS).replace("+", "-")):
        with pytest.raises(BadInput):
            WitnessKey.parse(wrong, "x")


async def test_what_verifies_is_cosigned_and_the_cosignature_is_asked_for(
    stick: Stick, capsys
) -> None:
    assert stick.verify() == 1
    assert "no cosignature of inspection" in capsys.readouterr().out

    assert stick.cosign(None, first=True) == 0

    assert stick.verify() == 0
    assert "inspection cosigned at 2026/10/19 15:00 (Beijing time)" in capsys.readouterr().out
    assert stick.own.stat().st_mode & 0o777 == 0o600


async def test_without_the_last_checkpoint_nothing_is_cosigned(stick: Stick) -> None:
    with pytest.raises(BadInput, match="--since"):
        stick.cosign(None)

    assert not list(stick.folder.glob("*.cosigned"))


async def test_what_does_not_verify_is_not_cosigned(stick: Stick, capsys) -> None:
    page = stick.folder / f"digest-{W42}-county.md"
    page.write_bytes(page.read_bytes() + b" ")

    assert stick.cosign(None, first=True) == 2
    assert not list(stick.folder.glob("*.cosigned"))


async def test_the_file_that_was_cosigned_is_the_checkpoint_to_keep(stick: Stick) -> None:
    stick.cosign(None, first=True)
    kept = stick.folder.parent / "kept"
    (stick.folder / f"proof-{W42}.cosigned").rename(kept)

    assert stick.cosign(kept) == 0
    assert verify_path(stick.folder, [stick.bot], kept, TEXTS, [stick.witness]) == 0


async def test_a_witness_of_another_history_does_not_sign(stick: Stick, tmp_path: Path) -> None:
    other = tmp_path / "other.checkpoint"
    note = (stick.folder / f"proof-{W42}.checkpoint").read_bytes()
    other.write_bytes(note.replace(note.split(b"\n")[2], b"A" * 43 + b"="))

    assert stick.cosign(other) == 1
    assert not list(stick.folder.glob("*.cosigned"))


async def test_two_witnesses_stand_below_each_other(stick: Stick, capsys) -> None:
    second = stick.folder.parent / "second.key"
    make_witness_key(second, "people-s-congress", TEXTS)
    public = "people-s-congress+" + capsys.readouterr().out.split("people-s-congress+")[1].strip()
    stick.cosign(None, first=True)

    cosign_path(stick.folder, second, None, [stick.bot], TEXTS, first=True)

    assert verify_path(stick.folder, [stick.bot], None, TEXTS, [stick.witness, public]) == 0


# --- one digest alone -------------------------------------------------------------------------


def alone(stick: Stick, tmp_path: Path) -> Path:
    folder = tmp_path / "alone"
    folder.mkdir()
    for name in (f"digest-{W42}-county.json", f"proof-{W42}-county.inclusion"):
        (folder / name).write_bytes((stick.folder / name).read_bytes())
    return folder


async def test_one_digest_is_verified_without_the_log(stick: Stick, tmp_path, capsys) -> None:
    folder = alone(stick, tmp_path)

    assert verify_path(folder, [stick.bot], None, TEXTS) == 0
    assert "✗" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        ("digest", 2, "is not what leaf"),
        ("proof", 2, "damaged"),
        ("key", 1, "signature"),
        ("no key", 1, "--key"),
    ],
)
async def test_one_digest_alone_does_not_pass_for_another(
    stick: Stick, tmp_path, capsys, change, code, says
) -> None:
    folder, keys = alone(stick, tmp_path), [stick.bot]
    data = folder / f"digest-{W42}-county.json"
    proof = folder / f"proof-{W42}-county.inclusion"
    if change == "digest":
        data.write_bytes(data.read_bytes().replace(b'"episodes": 3', b'"episodes": 2', 1))
    elif change == "proof":
        proof.write_bytes(proof.read_bytes().replace(b"index ", b"index  "))
    elif change == "key":
        other = SIGNER.signing_public(bytes(32))
        keys = [str(NoteKey(NoteKey.parse(stick.bot, "x").name, other))]
    else:
        keys = []

    assert verify_path(folder, keys, None, TEXTS) == code
    assert says in capsys.readouterr().out


@given(st.integers(1, 70), st.data())
def test_every_leaf_of_every_log_leads_to_its_root_and_no_other_does(size, data) -> None:
    lines = [b"leaf %d" % n for n in range(size)]
    root = root_of([leaf_hash(line) for line in lines])
    index = data.draw(st.integers(0, size - 1))

    proof = Inclusion.parse(
        Inclusion.of(
            index, lines[index], Tree([leaf_hash(one) for one in lines]), b"note\n"
        ).text()
    )

    assert proof.leads_to(size, root)
    assert not proof.leads_to(size, bytes(32))
    assert size == 1 or not Inclusion(
        proof.leaf, (index + 1) % size, proof.path, b"note\n"
    ).leads_to(size, root)
