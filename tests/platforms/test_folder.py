"""Digests into a folder: whole or not at all, and nothing that lies there is ever changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.errors import ContentRefused, PlatformError, RecipientUnknown, Unreachable
from bot.domain.private import Opaque
from bot.platforms.folder.speaker import FolderSpeaker
from handlers.ports import Destination, Parcel
from tests.contracts.test_speakers import NOW

KEY = "digest:2026-W42:office:0123456789abcdef"
FILES = {"digest-2026-W42-office.md": b"# words", "proof-2026-W42.log": b"{}\n"}


def parcel(key: str = KEY, name: str = "county") -> Parcel:
    return Parcel(key, Destination("folder", "folder", True, Opaque(name)), "周报", "words", NOW)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    folder = tmp_path / "share"
    folder.mkdir()
    return folder


@pytest.fixture
def speaker(base: Path) -> FolderSpeaker:
    return FolderSpeaker({"county": base}, ("md",))


def held(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in folder.iterdir()}


async def test_a_digest_becomes_a_folder_of_its_week(speaker, base) -> None:
    await speaker.send_whole(parcel(), FILES)

    assert [each.name for each in base.iterdir()] == ["2026-W42-office"]
    assert held(base / "2026-W42-office") == FILES


async def test_a_correction_gets_a_folder_of_its_own(speaker, base) -> None:
    await speaker.send_whole(parcel(), FILES)
    await speaker.send_whole(parcel("digest:2026-W42-r2:office:0123456789abcdef"), FILES)

    assert {each.name for each in base.iterdir()} == {"2026-W42-office", "2026-W42-r2-office"}


async def test_delivered_twice_it_lies_there_once(speaker, base) -> None:
    await speaker.send_whole(parcel(), FILES)
    before = (base / "2026-W42-office").stat().st_mtime_ns

    await speaker.send_whole(parcel(), FILES)

    assert held(base / "2026-W42-office") == FILES
    assert (base / "2026-W42-office").stat().st_mtime_ns == before


async def test_what_a_reader_put_beside_the_files_does_no_harm(speaker, base) -> None:
    await speaker.send_whole(parcel(), FILES)
    (base / "2026-W42-office" / "批示.txt").write_text("已阅")

    await speaker.send_whole(parcel(), FILES)

    assert (base / "2026-W42-office" / "批示.txt").read_text() == "已阅"


@pytest.mark.parametrize("is_link", [False, True])
async def test_a_file_of_that_name_is_never_overwritten(speaker, base, tmp_path, is_link) -> None:
    there = base / "2026-W42-office"
    if is_link:
        there.symlink_to(tmp_path)
    else:
        there.write_text("somebody's")

    with pytest.raises(ContentRefused, match="exists"):
        await speaker.send_whole(parcel(), FILES)

    assert is_link or there.read_text() == "somebody's"
    assert list(base.iterdir()) == [there]


async def test_a_file_that_was_changed_is_not_put_right_silently(speaker, base) -> None:
    await speaker.send_whole(parcel(), FILES)
    changed = base / "2026-W42-office" / "digest-2026-W42-office.md"
    changed.write_bytes(b"# other words")

    with pytest.raises(ContentRefused):
        await speaker.send_whole(parcel(), FILES)

    assert changed.read_bytes() == b"# other words"


async def test_what_a_crash_left_half_written_is_begun_anew(speaker, base) -> None:
    left = base / ".2026-W42-office.part"
    left.mkdir()
    (left / "digest-2026-W42-office.md").write_bytes(b"# wo")

    await speaker.send_whole(parcel(), FILES)

    assert [each.name for each in base.iterdir()] == ["2026-W42-office"]
    assert held(base / "2026-W42-office") == FILES


async def test_a_folder_that_is_not_there_is_waited_for_and_never_made(speaker, base) -> None:
    base.rmdir()

    with pytest.raises(Unreachable):
        await speaker.send_whole(parcel(), FILES)
    with pytest.raises(Unreachable):
        await speaker.check()

    assert not base.exists()


async def test_a_fault_in_the_middle_leaves_nothing_behind(speaker, base) -> None:
    with pytest.raises(Unreachable):
        await speaker.send_whole(parcel(), {**FILES, "x" * 300: b""})

    assert list(base.iterdir()) == []


async def test_other_words_become_a_note_of_their_own(speaker, base) -> None:
    await speaker.send(parcel("escalation:2026-W42:G01"))

    (note,) = base.iterdir()
    assert held(note) == {f"{note.name}.md": b"words"}


async def test_a_name_that_no_setting_knows_is_nobody(speaker, base) -> None:
    with pytest.raises(RecipientUnknown):
        await speaker.send_whole(parcel(name="other"), FILES)

    assert list(base.iterdir()) == []


async def test_the_doctor_finds_a_folder_that_can_be_written_to(speaker) -> None:
    await speaker.check()


async def test_what_was_put_down_is_not_taken_back(speaker) -> None:
    with pytest.raises(PlatformError):
        await speaker.recall(parcel().destination, "x")
