"""Sticks are lost, full, read-only and change a bit: nothing of it loses a complaint."""

from __future__ import annotations

import pytest

from bot.crypto.batch_files import decode_batch
from bot.domain.errors import BadInput
from bot.domain.sealed_notes import NoteKind
from tests.complaints.house import desk_of, take_all


async def test_a_batch_of_which_a_bit_changed_is_refused_and_its_copy_taken_in(bot, office):
    """Without the checksum a record that does not open is taken for another office's: lost."""
    for unit in ("U1", "U2", "U1", "U2", "U1"):
        await bot.box.submit(bot.complaint(unit=unit))
    await bot.slots(3)
    await bot.next_monday()
    (path,) = bot.batches()
    whole = path.read_bytes()
    desk = desk_of(office)
    for place in range(0, len(whole), len(whole) // 199):
        changed = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
        with pytest.raises(BadInput):
            decode_batch(changed, "stick", "intl")

    (counts,) = take_all(desk, [path])

    assert counts[NoteKind.COMPLAINT] == 5
