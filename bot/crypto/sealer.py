"""Seals what members tell to the offices that answer for their unit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from bot.crypto.envelopes import seal_for
from bot.crypto.office_keys import OfficeKey
from bot.crypto.provider import CryptoProvider
from bot.domain.complaint_files import Reading
from bot.domain.groups import UnitCode
from bot.domain.sealed_notes import Note, NoteKind, encode_note, encode_unit
from handlers.complaints.ports import BoxClosed

NOTE, UNIT = "note", "unit"


@dataclass(frozen=True, slots=True)
class OfficeSealer:
    """The Sealer port. `units_of` says which units an office answers for; none: for all."""

    provider: CryptoProvider
    keys: Callable[[], Sequence[OfficeKey]]
    units_of: Callable[[], Mapping[str, Collection[UnitCode]]]
    token_bytes: Callable[[int], bytes]

    @property
    def fingerprints(self) -> Sequence[str]:
        """See handlers.complaints.ports.Sealer."""
        return tuple(key.fingerprint for key in self.keys())

    @property
    def family(self) -> str:
        """See Sealer."""
        return self.provider.name

    def reading(self, counted: Collection[UnitCode]) -> Sequence[Reading]:
        """See Sealer."""
        keys, units = self.keys(), self.units_of()
        read: dict[str, list[UnitCode]] = {key.office: [] for key in keys}
        for unit in counted:
            for key in self._readers(unit, keys):
                read[key.office].append(unit)
        return [Reading(mine, len(units.get(office, ()))) for office, mine in read.items()]

    def seal(self, note: Note, unit: UnitCode) -> tuple[bytes, bytes]:
        """See Sealer. What is no complaint goes to all, and each knows whether it is for it."""
        keys = self.keys()
        if not keys:
            raise BoxClosed("complaint_box.closed")
        readers = self._readers(unit, keys) if note.kind is NoteKind.COMPLAINT else keys
        ids = {key.id for key in readers}

        def envelope(plain: bytes, purpose: str) -> bytes:
            return seal_for(
                self.provider,
                plain,
                purpose=purpose,
                week=note.week,
                keys=keys,
                readers=ids,
                token_bytes=self.token_bytes,
            )

        return envelope(encode_note(note), NOTE), envelope(encode_unit(unit, note.week), UNIT)

    def _readers(self, unit: UnitCode, keys: Sequence[OfficeKey]) -> Sequence[OfficeKey]:
        """The offices that answer for the unit; all of them when none says so."""
        units = self.units_of()
        answering = [key for key in keys if _answers(units.get(key.office, ()), unit)]
        return answering or keys


def _answers(units: Collection[UnitCode], unit: UnitCode) -> bool:
    return not units or unit in units
