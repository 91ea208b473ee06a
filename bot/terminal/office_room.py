"""Where the office works: its folder, its language, the time, and keys that two people open."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import typer

from bot.clock import SystemClock
from bot.crypto.exchange import write_whole
from bot.crypto.international import International
from bot.crypto.provider import CryptoProvider
from bot.crypto.shares import Stretching
from bot.domain.errors import BadInput, UserError
from bot.domain.periods import Week
from bot.domain.texts import Texts
from bot.office.folder import OfficeFolder
from bot.office.taking_in import Desk
from bot.terminal.asked import agreed
from bot.terminal.office_asking import unlock_keys
from bot.terminal.system_words import reason
from config.settings import load_settings
from handlers.ports import Clock

LONGEST_SILENCE = 8
"""Weeks without a batch, after which this machine's date is asked about before it deletes."""


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

    @property
    def today(self) -> date:
        """What this machine takes for today."""
        return self.clock.now().astimezone(load_settings().zone).date()

    def desk(self) -> Desk:
        """Have two holders open the keys and their case books. What has had its time goes.

        UserError where this machine's date cannot be right, or is not said to be: by it cases
        are deleted.
        """
        wanted = self.house.keys()
        if not wanted:
            raise UserError("office.key.none", path=str(self.folder))
        self.require_not_before(max(key.made for key in wanted))
        opened = unlock_keys(self.house, wanted, self.shares, self.provider, self.texts)
        desk = Desk([(secret, self.house.book(secret)) for secret in opened])
        self._purge(desk, max(key.made for key in wanted))
        return desk

    def require_not_before(self, week: Week) -> None:
        """Raise UserError where this machine's date lies before a week that was."""
        if self.week < week:
            raise UserError("office.clock.behind", today=str(self.today), week=str(week))

    def _purge(self, desk: Desk, newest: Week) -> None:
        for book in desk.books():
            newest = max(newest, book.newest() or newest)
        self.require_not_before(newest)
        due = sum(book.due(self.week) for book in desk.books())
        if due and self.week > newest.shifted(LONGEST_SILENCE):
            asked = self.texts("office.clock.ahead", today=self.today, week=newest, count=due)
            if not agreed(asked, self.texts):
                raise UserError("office.clock.stopped")
        for book in desk.books():
            book.purge(self.week)
        if due:
            self.keep(desk)
            typer.echo(self.texts("office.open.purged", count=due))

    def keep(self, desk: Desk) -> None:
        """Write the case books."""
        for secret, book in desk.held:
            self.house.put_book(secret, book)


def asked(question: str) -> str:
    """What somebody typed; empty for Enter alone."""
    answer: str = typer.prompt(question, default="", show_default=False)
    return answer.strip()


def to_stick(path: Path, data: bytes, texts: Texts) -> None:
    """Write a file to a stick. UserError, with what to do next, where it cannot be written."""
    try:
        write_whole(path, [data])
    except OSError as error:
        why = reason(error, texts)
        raise UserError("office.stick.failed", path=str(path), reason=why) from None


def require_folder(command: str, stick: Path) -> None:
    """Raise BadInput where no stick is."""
    if not stick.is_dir():
        raise BadInput(command, str(stick), "office.expected.folder")
