"""The office of the demo: it has its own machine, gets complaints by stick and sends a reply back."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.crypto.batch_files import SUFFIX as BATCH
from bot.crypto.batch_files import decode_batch
from bot.crypto.exchange import FolderExchange
from bot.crypto.international import International
from bot.crypto.office_keys import SUFFIX as PUBLIC
from bot.crypto.shares import Stretching
from bot.domain.complaints import CaseState, ClosingReason, Remedy
from bot.domain.periods import Week
from bot.office.case_book import Case, CaseBook
from bot.office.replying import Decision, decide, reply_file
from bot.office.returning import return_file, week_figures
from bot.office.secrets import OfficeSecret, make_key
from bot.office.taking_in import Desk, take_in

# Passphrases that nobody keeps need no stretching.
_QUICK = Stretching(memory_kib=8, passes=1)


@dataclass
class DemoOffice:
    """Holds the secret key in its own memory; the bot's folder has the public one only."""

    code: str
    title: str
    week: Week
    folder: Path
    _secret: OfficeSecret = field(init=False, repr=False)
    _desk: Desk = field(init=False, repr=False)

    def __post_init__(self) -> None:
        provider = International(secrets.token_bytes)
        self._secret = make_key(
            provider,
            office=self.code,
            title=self.title,
            week=self.week,
            passphrases=tuple(secrets.token_hex(16) for _ in range(3)),
            token_bytes=secrets.token_bytes,
            stretching=_QUICK,
        ).secret
        self._desk = Desk([(self._secret, CaseBook())])
        self._exchange = FolderExchange(
            self.folder / "exchange", provider, lambda: (self._secret.key,)
        )

    def enter_key(self) -> None:
        """What the operator does once: the public key goes into the bot's folder."""
        keys = self.folder / "office-keys"
        keys.mkdir(parents=True, mode=0o700)
        (keys / f"{self.code}{PUBLIC}").write_bytes(self._secret.public_file())

    def batches(self) -> Sequence[Path]:
        """What lies ready for the stick."""
        return sorted(self._exchange.out.glob(f"*{BATCH}"))

    def open(self) -> Sequence[Case]:
        """Take the stick to the offline machine and open it; the cases, by code."""
        for path in self.batches():
            take_in(self._desk, *decode_batch(path.read_bytes(), path.name, "intl"))
        return sorted((case for _, case in self._desk.cases()), key=lambda case: case.code)

    def reply(self, case: Case, text: str, week: Week) -> None:
        """Close a case with a reply, and bring the stick back."""
        ((secret, book),) = self._desk.held
        decision = Decision(CaseState.CLOSED, text, ClosingReason.REMEDIED, Remedy.DEMANDS_MERGED)
        decide(book, case, decision, week)
        self._exchange.put_reply(reply_file(secret, book, week), "stick")

    def figures(self, week: Week) -> bytes:
        """The signed file of a week's figures, as `office return` makes it."""
        figures = week_figures(self._secret, self._desk.books(), week)
        return return_file(self._secret, figures)

    def is_taken(self) -> bool:
        """Whether the bot has taken in what was brought back."""
        return not self._exchange.replies()
