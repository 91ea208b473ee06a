"""The composition root: the only place that knows every part."""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
import signal
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import web

from bot import collecting
from bot.clicking import Clicks
from bot.clock import SystemClock
from bot.conversing import Conversing, open_conversations
from bot.counting import Counting, open_counting
from bot.domain.commands import CommandCall, CommandTable
from bot.domain.group_events import GroupChange
from bot.domain.groups import GroupCode
from bot.domain.messages import IncomingMessage
from bot.domain.texts import Texts
from bot.hardening import forbid_dumps
from bot.intake import Answers, FrontDesk
from bot.listening import listen
from bot.logs import Log, set_up_logging
from bot.metrics import Metrics
from bot.platforms.base import Taken
from bot.routes import command_table
from bot.routing import Router
from bot.schedule import tick_every
from bot.wiring.dingtalk import wire_dingtalk
from bot.wiring.folder import wire_folder
from bot.wiring.mail import wire_mail
from bot.wiring.services import Services, Wired
from bot.wiring.wecom import wire_wecom
from bot.wiring.zwdd import wire_zwdd
from config.filings_file import filing_vocabulary
from config.settings import Settings, load_settings
from handlers.bind_chats import BindChats
from handlers.commands.bind import Bind
from handlers.commands.calendar import Calendar
from handlers.commands.confirm import Confirm, Confirmations
from handlers.commands.digest import DigestOnAsking
from handlers.commands.dispute import Dispute
from handlers.commands.emergency import Emergency
from handlers.commands.enter import Enter
from handlers.commands.explain import Explain
from handlers.commands.help import Help
from handlers.commands.limits import Limits
from handlers.commands.precheck import Precheck
from handlers.commands.privacy import Privacy
from handlers.commands.register import Register
from handlers.commands.status import Status
from handlers.note_group_events import NoteGroupEvents
from handlers.ports import Clock

Wire = Callable[[Settings, Services], Awaitable[Wired]]
PLATFORMS: Mapping[str, Wire] = {
    "wecom": wire_wecom,
    "dingtalk": wire_dingtalk,
    "zwdd": wire_zwdd,
    "mail": wire_mail,
    "folder": wire_folder,
}
Ticks = Callable[[timedelta, Callable[[], Awaitable[None]]], Coroutine[Any, Any, None]]
"""Calls a look again and again, until cancelled."""
GRACE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Time, chance, the demo's archive and when it looks: what is put in from outside."""

    clock: Clock
    token_bytes: Callable[[int], bytes] = secrets.token_bytes
    random: Callable[[], float] = random.SystemRandom().random
    archive_library: Any = None
    ticks: Ticks = tick_every


def serve(config: Path | None, texts: Texts, surroundings: Surroundings | None = None) -> int:
    """Run the bot until SIGTERM or SIGINT; what was taken in is finished first."""
    settings = load_settings(config)
    forbid_dumps()
    log = set_up_logging(settings.log_level, lambda: secrets.token_hex(6))
    around = surroundings or Surroundings(SystemClock())
    main = _until_told(settings, log, around)
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)
    else:
        uvloop.run(main)
    return 0


async def _until_told(settings: Settings, log: Log, around: Surroundings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with AsyncExitStack() as resources:
        bot = await Bot.build(settings, log, around, resources)
        await bot.run(stop)


class Bot:
    """The running whole: doors, streams, ticks, answers; one TaskGroup owns them."""

    def __init__(
        self,
        settings: Settings,
        log: Log,
        counting: Counting,
        conversing: Conversing,
        metrics: Metrics,
        answers: Answers,
        ticks: Ticks = tick_every,
    ) -> None:
        self.settings = settings
        self.log = log
        self.counting = counting
        self.conversing = conversing
        self.metrics = metrics
        self.answers = answers
        self.ticks = ticks
        self.wired: dict[str, Wired] = {}
        self.address: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    @classmethod
    async def build(
        cls,
        settings: Settings,
        log: Log,
        around: Surroundings,
        resources: AsyncExitStack,
        platforms: Mapping[str, Wire] = PLATFORMS,
    ) -> Bot:
        """Put everything together; what cannot work is refused here and not at midnight."""
        counting = await open_counting(
            settings,
            around.clock,
            around.token_bytes,
            around.random,
            resources,
            unchecked=lambda one: log.warning(
                "figures_unchecked",
                office=one.office,
                week=str(one.figures.week),
                why=str(one.why),
            ),
        )
        conversing = open_conversations(settings, counting, around.token_bytes)
        metrics, speakers = Metrics(), counting.speakers
        answers = Answers(speakers, counting.pacing, metrics, log)
        bot = cls(settings, log, counting, conversing, metrics, answers, around.ticks)
        desk: FrontDesk

        async def take(message: IncomingMessage) -> Taken:
            return await desk(message)

        services = Services(
            take=take,
            answer_later=answers.say,
            note_group_event=NoteGroupEvents(
                counting.store.registry, counting.store.cursors, partial(_tell_group_event, log)
            ),
            is_command=_commands_elsewhere(command_table(counting.texts)),
            clock=around.clock,
            elapsed=time.monotonic,
            wait=asyncio.sleep,
            token_bytes=around.token_bytes,
            random=around.random,
            cursors=counting.store.cursors,
            metrics=metrics,
            log=log,
            resources=resources,
            watch=counting.watch,
            archive_library=around.archive_library,
        )
        for name, wire in platforms.items():
            bot.wired[name] = await wire(settings, services)
            speakers.update(bot.wired[name].speakers)
            counting.allowances.update(bot.wired[name].allowances)
            counting.senders.books.extend(bot.wired[name].books)
        router = _router(settings, counting, conversing, around.token_bytes)
        desk = FrontDesk(
            count=counting.count,
            router=router,
            clicks=Clicks(counting.cards, router),
            answers=answers,
            own_ids=set().union(*(wired.own_ids for wired in bot.wired.values())),
            clock=around.clock,
            metrics=metrics,
            log=log,
        )
        return bot

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set, then close the doors, finish what is in hand, and return."""
        await self.counting.start()
        await self._watch_routes()
        collecting.settle()
        runner = web.AppRunner(
            self._web(), access_log=None, handle_signals=False, shutdown_timeout=GRACE_SECONDS
        )
        await runner.setup()
        server = self.settings.server
        host, port = await listen(runner, server.host, server.port)
        self.address.set_result(f"http://{host}:{port}")
        self.log.info(
            "ready",
            host=host,
            port=port,
            doors=[door for wired in self.wired.values() for door in wired.doors],
        )
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(self.answers.run())]
            running.append(tasks.create_task(self._know_senders()))
            running.append(
                tasks.create_task(
                    self.ticks(timedelta(seconds=self.settings.schedule.tick_seconds), self._tick)
                )
            )
            for wired in self.wired.values():
                running += [tasks.create_task(task()) for task in wired.tasks.values()]
            await stop.wait()
            self.log.info("stopping")
            # First nothing new comes in, then what came in is answered, then the rest ends.
            await runner.cleanup()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.answers.drained(), GRACE_SECONDS)
            for task in running:
                task.cancel()
        if self.counting.complaints is not None:
            await self.counting.complaints.box.stop()
        # The gap until the next start begins here and not at the last tick.
        await self._tick_quietly()

    async def _know_senders(self) -> None:
        """Read the address books at the start and as often as the settings say."""
        every = timedelta(hours=self.settings.schedule.contacts_hours)
        while True:
            try:
                wait = await self.counting.senders.refresh(self._book_unread, every)
            except Exception as error:
                self.log.fault("contacts", error)
                wait = every
            await asyncio.sleep(wait.total_seconds())

    def _book_unread(self, platform: str, error: Exception) -> None:
        self.log.warning("contacts_unread", platform=platform, error=type(error).__name__)

    async def _watch_routes(self) -> None:
        watch = self.counting.watch
        doors = set().union(*(wired.open_doors for wired in self.wired.values()))
        lines = set().union(*(wired.watched for wired in self.wired.values()))
        pulled = {
            route.value: kept_for
            for wired in self.wired.values()
            for route, kept_for in wired.pulled.items()
        }
        await watch.start([route.value for route in sorted(doors | lines)], pulled)
        for route in sorted(doors):
            watch.connected(route.value)

    async def _tick_quietly(self) -> None:
        try:
            await self.counting.watch()
        except Exception as error:
            self.log.fault("routes_not_noted", error)

    async def _tick(self) -> None:
        conversations = self.conversing.conversations
        conversations.sweep()
        if (failure := conversations.yesterdays_failure()) is not None:
            self.log.fault("complaints_failed", failure)
        try:
            for state, count in (await self.counting.tick(self._step_failed)).items():
                self.metrics.parcels.labels(state.value).inc(count)
            self.metrics.open_weeks.set(len(await self.counting.store.ledger.open_weeks()))
            overdue = await self.counting.overdue()
            self.metrics.overdue_weeks.set(len(overdue))
            if overdue:
                self.log.warning("close_overdue", weeks=[str(week) for week in overdue])
        except Exception as error:
            self.log.fault("tick_failed", error)
        self.metrics.ticks.inc()

    def _step_failed(self, step: str, error: Exception) -> None:
        self.metrics.failed_ticks.labels(step).inc()
        self.log.fault(f"tick_{step}_failed", error)

    def _web(self) -> web.Application:
        app = web.Application(client_max_size=256 * 1024)
        for wired in self.wired.values():
            app.add_routes(wired.routes)
        app.add_routes(
            [
                web.get("/healthz", self._healthz),
                web.get("/readyz", self._readyz),
                web.get("/metrics", self._metrics),
            ]
        )
        return app

    async def _healthz(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _readyz(self, _request: web.Request) -> web.Response:
        missing = await self.counting.missing()
        return web.json_response({"missing": missing}, status=503 if missing else 200)

    async def _metrics(self, _request: web.Request) -> web.Response:
        return web.Response(body=self.metrics.text(), content_type="text/plain", charset="utf-8")


def _tell_group_event(log: Log, group: GroupCode, change: GroupChange) -> None:
    tell = log.warning if change is GroupChange.DISSOLVED else log.info
    tell("group_event", group=group, change=change.value)


def _commands_elsewhere(table: CommandTable) -> Callable[[str], bool]:
    """Whether words to the bot are obeyed at its own door only, and dropped by the archive.

    A code to bind by is obeyed on every route: each has its own id for the chat.
    """

    def is_command(text: str) -> bool:
        call = table.parse(text, addressed=True)
        is_binding = isinstance(call, CommandCall) and call.name == "bind"
        return table.is_for_the_bot(call) and not is_binding

    return is_command


def _router(
    settings: Settings,
    counting: Counting,
    conversing: Conversing,
    token_bytes: Callable[[int], bytes],
) -> Router:
    texts, clock = counting.texts, counting.clock
    table = command_table(texts)
    office = settings.office.title
    confirmations = Confirmations(clock, token_bytes)
    registry, shelf = counting.store.registry, counting.store.shelf
    vocabulary = filing_vocabulary()
    return Router(
        table=table,
        commands={
            "help": Help(table, texts, office),
            "privacy": Privacy(texts, office),
            "status": Status(
                books=counting.store.books,
                disputes=counting.store.disputes,
                registry=counting.store.registry,
                limits=counting.limits.today,
                rulebook=counting.judge.rulebook,
                texts=texts,
                clock=clock,
            ),
            "explain": Explain(
                say=counting.explain,
                nowhere=counting.nowhere,
                counts=counting.disputes,
                rulebook=counting.judge.rulebook,
                registry=counting.store.registry,
                texts=texts,
                clock=clock,
            ),
            "dispute": Dispute(counting.disputes, registry, texts, vocabulary.kinds),
            "bind": Bind(
                BindChats(
                    invites=counting.store.invites,
                    registry=counting.store.registry,
                    outbox=counting.store.outbox,
                    clock=clock,
                    texts=texts,
                ),
                counting.store.registry,
                texts,
                counting.notices,
            ),
            "limits": Limits(counting.limits, registry, counting.seconds, texts),
            "register": Register(
                counting.registers, counting.filings, registry, confirmations, texts
            ),
            "enter": Enter(
                filings=counting.filings,
                registry=registry,
                confirmations=confirmations,
                seconds=counting.seconds,
                vocabulary=vocabulary,
                texts=texts,
            ),
            "emergency": Emergency(counting.registers, registry, texts, settings.zone),
            "calendar": Calendar(counting.registers, registry, texts),
            "precheck": Precheck(
                explain=counting.explain_text,
                nowhere=counting.nowhere,
                books=counting.store.books,
                registry=registry,
                limits=counting.limits.today,
                texts=texts,
                clock=clock,
            ),
            "digest": DigestOnAsking(
                shelf=shelf,
                offices=counting.publish.offices,
                document=counting.hand_out.document,
                markdown=counting.hand_out.markdown,
                texts=texts,
                release=counting.preview.release,
                correct=counting.publish.correct,
            ),
            "confirm": Confirm(confirmations, texts),
            **conversing.commands,
        },
        registry=counting.store.registry,
        texts=texts,
        is_going_on=conversing.conversations.is_going_on,
    )
