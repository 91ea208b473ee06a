"""The folder that sticks are filled from and emptied into, and the files that offices sign."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.crypto.batch_files import SUFFIX as BATCH_SUFFIX
from bot.crypto.batch_files import batch_name, encode_batch
from bot.crypto.office_keys import OfficeKey
from bot.crypto.provider import CryptoProvider
from bot.crypto.signed_lines import SignedLines, decode_signed, peek_head
from bot.domain.complaint_figures import ComplaintFigures, from_plain
from bot.domain.complaint_files import Batch, OfficeReplies, SealedReply, SealedReport
from bot.domain.errors import BadInput
from bot.domain.people_figures import PeoplePolicy
from bot.domain.sealed_notes import ANSWER_BYTES, ID_BYTES

REPLIES = "qingzhuang-replies/1"
RETURN = "qingzhuang-return/1"
REPLY_SUFFIX, RETURN_SUFFIX = ".qzreply", ".qzreturn"
FOLDER_MODE, FILE_MODE = 0o700, 0o600
_OUT, _IN = "out", "in"


@dataclass(frozen=True, slots=True)
class FolderExchange:
    """The Exchange port: `out` holds batch files to be fetched, `in` what offices sent back."""

    folder: Path
    provider: CryptoProvider
    keys: Callable[[], Sequence[OfficeKey]]

    @property
    def out(self) -> Path:
        """Where batch files lie."""
        return self.folder / _OUT

    def replies(self) -> Sequence[OfficeReplies]:
        """See handlers.complaints.ports.Exchange."""
        inbox = self.folder / _IN
        if not inbox.is_dir():
            return ()
        found = sorted(inbox.glob(f"*{REPLY_SUFFIX}"))
        return tuple(self.decode_replies(path.read_bytes(), path.name) for path in found)

    def put_batch(self, batch: Batch, reports: Sequence[SealedReport]) -> None:
        """See Exchange."""
        lines = encode_batch(batch, reports, self.provider.name)
        write_whole(self.out / batch_name(batch), lines)

    def keep_batches(self, batches: Sequence[Batch]) -> None:
        """See Exchange."""
        kept = {batch_name(each) for each in batches}
        for path in self.out.glob(f"*{BATCH_SUFFIX}"):
            if path.name not in kept:
                path.unlink()

    def put_reply(self, data: bytes, where: str) -> OfficeReplies:
        """Keep a reply file for the next weekly rewrite. Raises BadInput for one that is none."""
        came = self.decode_replies(data, where)
        write_whole(self.folder / _IN / f"{came.mark.hex()[:16]}{REPLY_SUFFIX}", [data])
        return came

    def drop(self, mark: bytes) -> None:
        """See Exchange."""
        (self.folder / _IN / f"{mark.hex()[:16]}{REPLY_SUFFIX}").unlink(missing_ok=True)

    def decode_replies(self, data: bytes, where: str) -> OfficeReplies:
        """A reply file whose signature fits. Raises BadInput."""
        lines, office = self._signed(data, where, REPLIES)
        length = self.provider.sealed_bytes(ANSWER_BYTES)
        try:
            replies = tuple(
                SealedReply(
                    bytes.fromhex(row["id"]),
                    base64.b64decode(row["sealed"], validate=True),
                    row["closed"] is True,
                )
                for row in lines.rows
            )
        except (ValueError, KeyError, TypeError):
            replies = None
        fits = replies is not None and all(
            len(each.report) == ID_BYTES and len(each.sealed) == length for each in replies
        )
        if replies is None or not fits:
            raise BadInput(where, "rows", "expected.replies")
        return OfficeReplies(hashlib.sha256(data).digest(), office, replies)

    def decode_return(self, data: bytes, where: str) -> tuple[str, ComplaintFigures]:
        """The office and the figures of a return file. Raises BadInput."""
        lines, office = self._signed(data, where, RETURN)
        try:
            return office, from_plain(lines.head["figures"], PeoplePolicy())
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadInput(where, "figures", "expected.figures", error=error) from None

    def _signed(self, data: bytes, where: str, form: str) -> tuple[SignedLines, str]:
        keys = {key.id.hex(): key for key in self.keys()}

        def public_of(name: str) -> bytes | None:
            return keys[name].sign if name in keys else None

        lines = decode_signed(data, where, form, public_of, self.provider)
        office = keys[str(lines.head["key"])].office
        if lines.head.get("office") != office:
            raise BadInput(where, "office", "expected.whose_key", office=office)
        return lines, office


def figures_in(document: bytes) -> ComplaintFigures:
    """The figures of a return file that was believed when it came in."""
    return from_plain(peek_head(document, "returns")["figures"], PeoplePolicy())


def write_whole(path: Path, chunks: Iterable[bytes]) -> None:
    """Write a private file that appears whole or not at all, durably.

    OSError names the file; nothing of it is left then.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    draft = path.with_name(f".{path.name}.part")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE)
        with os.fdopen(descriptor, "wb") as file:
            for chunk in chunks:
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise OSError(error.errno, error.strerror, str(path)) from None
