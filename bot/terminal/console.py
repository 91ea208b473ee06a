"""console: the bot tried out in a terminal, without credentials; nothing outlives it."""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import typer

from bot.app import Bot, Surroundings
from bot.clock import SystemClock
from bot.crypto.international import International
from bot.crypto.office_keys import SUFFIX
from bot.crypto.shares import Stretching
from bot.domain.commands import CommandCall
from bot.domain.episodes import GroupMemory
from bot.domain.errors import BadInput
from bot.domain.groups import GroupCode, GroupProfile, LineCode, UnitCode
from bot.domain.judgement import Judgement
from bot.domain.messages import IncomingMessage, Route
from bot.domain.periods import Week
from bot.domain.private import Opaque
from bot.domain.texts import Texts
from bot.domain.vocabulary import Act
from bot.logs import Log
from bot.office.secrets import make_key
from bot.platforms.base import FrontDesk
from bot.platforms.console import ACCOUNT, GROUP, ME, PLATFORM, ConsoleDoor, ConsoleSpeaker
from bot.routes import command_table
from bot.terminal.asked import office_hours, spoken_moment
from bot.terminal.silence import Silent
from bot.wiring.services import Services, Wired
from config.settings import (
    ComplaintSettings,
    DatabaseSettings,
    KeySettings,
    Settings,
    load_settings,
)
from handlers.ports import Clock, Role
from handlers.read_message import read_message, tag_of

BETWEEN_MESSAGES = timedelta(minutes=1)
_CODE = GroupCode("console")


@dataclass(frozen=True, slots=True)
class Scene:
    """What the operator asked for; None where the usual will do."""

    at: str | None
    hours: str | None
    size: int


class _SteppedClock:
    """Stands still at a moment, and moves on a minute for each message."""

    def __init__(self, start: datetime) -> None:
        self._moment = start

    def now(self) -> datetime:
        return self._moment

    def step(self) -> None:
        self._moment += BETWEEN_MESSAGES


def converse(scene: Scene, config: Path | None, texts: Texts) -> int:
    """Play one group until the input ends; Ctrl-D and Ctrl-C end it cleanly, with 0.

    Lines are read between two runs of the loop and not in a thread, so that Ctrl-C at the prompt
    ends it at once.
    """
    settings = load_settings(config)
    clock = _clock(scene.at, settings)
    group = _group(scene, settings, texts)
    is_typed = sys.stdin.isatty()
    with (
        TemporaryDirectory(prefix="qingzhuang-") as folder,
        asyncio.Runner() as runner,
        contextlib.suppress(KeyboardInterrupt),
    ):
        talk = runner.run(Talk.open(_played_in(Path(folder), settings), group, clock, texts))
        try:
            if is_typed:
                typer.echo(texts("console.intro.text", bot=settings.wecom.aibot.name))
            for line in _lines(talk, texts, is_typed):
                runner.run(talk.hear(line, echo=not is_typed))
        finally:
            runner.run(talk.close())
            if is_typed:
                typer.echo("\n" + texts("console.intro.bye"))
    return 0


def _clock(at: str | None, settings: Settings) -> Clock:
    if at is None:
        return SystemClock()
    return _SteppedClock(spoken_moment("console", at, settings.zone))


def _group(scene: Scene, settings: Settings, texts: Texts) -> GroupProfile:
    written = scene.hours or settings.schedule.office_hours
    return GroupProfile(
        code=_CODE,
        alias=texts("console.group.alias"),
        unit=UnitCode(texts("console.group.unit")),
        line=LineCode("console"),
        size=scene.size,
        zone=settings.zone,
        hours=office_hours("console", written),
    )


def _played_in(folder: Path, settings: Settings) -> Settings:
    """The operator's rules, limits and calendars; a store of its own and nobody's directory."""
    return settings.model_copy(
        update={
            "data_dir": folder,
            "database": DatabaseSettings(),
            "keys": KeySettings(),
            "complaints": ComplaintSettings(window=settings.complaints.window),
            "directory": None,
        }
    )


def _play_an_office(settings: Settings, clock: Clock) -> None:
    """A key that nobody holds, so that complaints can be tried: what is sealed to it stays so."""
    made = make_key(
        International(secrets.token_bytes),
        office="console",
        title=settings.office.title,
        week=Week.of(clock.now(), settings.zone),
        passphrases=tuple(secrets.token_hex(16) for _ in range(3)),
        token_bytes=secrets.token_bytes,
        stretching=Stretching(memory_kib=8, passes=1),
    )
    settings.office_key_dir.mkdir(parents=True, exist_ok=True)
    (settings.office_key_dir / f"console{SUFFIX}").write_bytes(made.secret.public_file())


def _lines(talk: Talk, texts: Texts, is_typed: bool) -> Iterator[str]:
    if is_typed:
        with contextlib.suppress(EOFError):
            while True:
                yield input(texts("console.talk.prompt", moment=talk.wall()))
        return
    try:
        yield from sys.stdin
    except UnicodeDecodeError:
        raise BadInput("stdin", "text", "cli.error.utf8") from None


class Talk:
    """The whole bot on one platform, the console, with one group."""

    def __init__(self, group: GroupProfile, clock: Clock, texts: Texts, bot_name: str) -> None:
        self._group = group
        self._clock = clock
        self._texts = texts
        self._speaker = ConsoleSpeaker(self._show)
        self._resources = AsyncExitStack()
        self._memory = GroupMemory.EMPTY
        self._episodes: dict[bytes, int] = {}
        self._direct = texts("console.words.direct").split()
        self._bot_name = bot_name
        self._door = ConsoleDoor(bot_name, self._direct)
        self._table = command_table(texts)
        self._is_private = False
        self._bot: Bot
        self._take: FrontDesk

    @classmethod
    async def open(
        cls, settings: Settings, group: GroupProfile, clock: Clock, texts: Texts
    ) -> Talk:
        """Raises what `Bot.build` raises."""
        talk = cls(group, clock, texts, settings.wecom.aibot.name)
        around = Surroundings(clock, secrets.token_bytes, random.SystemRandom().random)
        log = Log(Silent(), lambda: "")
        _play_an_office(settings, clock)
        try:
            platforms = {PLATFORM: talk._wire}
            talk._bot = await Bot.build(settings, log, around, talk._resources, platforms)
            registry = talk._bot.counting.store.registry
            await registry.put_group(group)
            await registry.bind(PLATFORM, ACCOUNT, GROUP, group.code, sees_everything=True)
            await registry.grant(
                PLATFORM, ACCOUNT, Opaque(ME), Role.GROUP_ADMIN, group.code, clock.now().date()
            )
        except BaseException:
            await talk.close()
            raise
        answering = asyncio.create_task(talk._bot.answers.run())
        talk._resources.callback(answering.cancel)
        return talk

    async def _wire(self, _settings: Settings, services: Services) -> Wired:
        self._take = services.take
        return Wired(speakers={PLATFORM: self._speaker})

    async def close(self) -> None:
        """Close the store."""
        await self._resources.aclose()

    def wall(self) -> str:
        """The group's wall clock, as the prompt shows it."""
        return f"{self._clock.now().astimezone(self._group.zone):%m-%d %H:%M}"

    async def hear(self, line: str, *, echo: bool) -> None:
        """Take a line as the bot takes a message, and show its answer or what was judged."""
        if not line.strip():
            return
        if echo:
            typer.echo(f"{self.wall()} {line.strip()}")
        if self._changes_room(line.strip()):
            return
        if self._is_private:
            line = f"{self._direct[0]} {line}"
        message = self._door.message(line, self._clock.now())
        counted, refused = self._outcomes("new"), self._outcomes("too_often")
        await self._take(message)
        await self._bot.answers.drained()
        if self._outcomes("new") > counted:
            self._show(self._judged(message))
            self._hint_at_command(message)
        elif self._outcomes("too_often") > refused:
            self._show(self._texts("console.talk.too_often"))
        if isinstance(self._clock, _SteppedClock):
            self._clock.step()

    def _hint_at_command(self, message: IncomingMessage) -> None:
        """Say how a bare command would have been one: in a group it is talk, here as elsewhere."""
        said = message.text.reveal().strip()
        if isinstance(self._table.parse(said, addressed=True), CommandCall):
            self._show(self._texts("console.talk.bare_command", said=said, bot=self._bot_name))

    def _changes_room(self, said: str) -> bool:
        """Whether a line only says where the next ones are said: in private, or in the group."""
        if said in self._direct:
            self._is_private = True
        elif said in self._texts("console.words.group").split():
            self._is_private = False
        else:
            return False
        room = "private" if self._is_private else "group"
        self._show(self._texts(f"console.talk.in_{room}"))
        return True

    def _outcomes(self, outcome: str) -> float:
        labels = {"route": Route.CONSOLE.value, "outcome": outcome}
        metrics = self._bot.metrics.registry
        return metrics.get_sample_value("qingzhuang_messages_total", labels) or 0.0

    def _judged(self, message: IncomingMessage) -> str:
        """What the message was counted as. It is judged once more, under the same keys, because
        the books keep no deadline and no moment of a message."""
        house, group = self._bot.counting, self._group
        week = Week.of(message.sent_at, group.zone)
        keys = house.store.keyring
        tag = tag_of(message, group, week, keys)
        reading = read_message(house.judge, message, group, week, keys, tag=tag)
        judgement, self._memory = house.judge.judge(reading, self._memory, group)
        return self._line(judgement)

    def _line(self, judgement: Judgement) -> str:
        texts = self._texts
        act = "ping" if judgement.act is Act.NONE and judgement.ping else judgement.act.value
        parts = [texts(f"console.judged.{act}")]
        if judgement.kinds:
            names = (texts(f"measures.name.{kind}") for kind in judgement.kinds)
            parts.append(texts("console.judged.comma").join(names))
        if judgement.deadline is not None:
            moment = f"{judgement.deadline:%m-%d %H:%M}"
            parts.append(texts("console.judged.deadline", moment=moment))
        if judgement.off_hours:
            parts.append(texts("console.judged.off_hours"))
        if judgement.claimed_urgent:
            parts.append(texts("console.judged.claimed_urgent"))
        if judgement.episode is not None:
            number = self._episodes.setdefault(judgement.episode, len(self._episodes) + 1)
            parts.append(texts("console.judged.episode", number=number))
        return texts("console.judged.line", parts=" · ".join(parts))

    def _show(self, text: str) -> None:
        typer.echo("\n".join(f"    {line}" if line else "" for line in text.splitlines()))
