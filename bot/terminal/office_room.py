"""Where the office works: its folder, its language, the time, and keys that two people open."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import typer

from bot.clock import SystemClock
from bot.crypto.international import International
from bot.crypto.office_keys import OfficeKey
from bot.crypto.provider import CryptoProvider
from bot.crypto.shares import Stretching
from bot.domain.errors import BadInput, UserError
from bot.domain.periods import Week
from bot.domain.texts import Texts
from bot.office.folder import OfficeFolder
from bot.office.taking_in import Desk
from bot.terminal.office_asking import unlock_keys
from config.settings import load_settings
from handlers.ports import Clock


@dataclass(frozen=True, slots=True)
class OfficeRoom:
    """Where the office works, in which language, and what time it is."""

    folder: Path
    texts: Texts
    shares: tuple[Path, ...] = ()
    clock: Clock = field(default_factory=SystemClock)
    stretching: Stretching = field(default_factory=Stretching)
    provider: CryptoProvider = field(default_factory=lambda: International(secrets.token_bytes))

    @property
    def house(self) -> OfficeFolder:
        """The office's folder."""
        return OfficeFolder(self.folder, self.provider)

    @property
    def week(self) -> Week:
        """This week."""
        return Week.of(self.clock.now(), load_settings().zone)

    def desk(self, keys: Sequence[OfficeKey] | None = None) -> Desk:
        """Have two holders open the keys and their case books. What has had its time goes."""
        wanted = self.house.keys() if keys is None else keys
        if not wanted:
            raise UserError("office.key.none", path=str(self.folder))
        opened = unlock_keys(self.house, wanted, self.shares, self.provider, self.texts)
        desk = Desk([(secret, self.house.book(secret)) for secret in opened])
        gone = sum(book.purge(self.week) for book in desk.books())
        if gone:
            typer.echo(self.texts("office.open.purged", count=gone))
        return desk

    def keep(self, desk: Desk) -> None:
        """Write the case books."""
        for secret, book in desk.held:
            self.house.put_book(secret, book)


def asked(question: str) -> str:
    """What somebody typed; empty for Enter alone."""
    answer: str = typer.prompt(question, default="", show_default=False)
    return answer.strip()


def require_folder(command: str, stick: Path, texts: Texts) -> None:
    """Raise BadInput where no stick is."""
    if not stick.is_dir():
        raise BadInput(command, str(stick), texts("office.expected.folder"))
