"""Plays the written week against the real server and shows what comes out."""

from __future__ import annotations

import asyncio
import os
import random
import re
import secrets
import shutil
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from importlib.resources import as_file, files
from pathlib import Path

from aiohttp import web
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from bot.counting import Counting, open_counting
from bot.demo.clicks import Clicks
from bot.demo.office import DemoOffice
from bot.demo.stage import DemoFailed, Stage
from bot.demo.story import WEEK, ZONE, Line, Scene, load_story
from bot.demo.sweep import canaries_of, sweep
from bot.domain.complaints import Category
from bot.domain.digest import Digest
from bot.domain.digest_figures import DigestFigures
from bot.domain.documents import Figures, Paragraph
from bot.domain.private import Opaque
from bot.domain.texts import Texts
from bot.renderings.json_document import decode_digest
from bot.terminal.books import digest_files
from bot.terminal.verifying import verify_path
from config.settings import Settings, load_settings
from handlers.ports import Clock, Destination, Office
from storage.complaints.store import open_reports

OFFICE = "office"
LOOKS = (9, 11, 14, 16, 18)
"""Hours of the day at which the bot looks what is due; more of them would only take longer."""
READER_WECOM, READER_DINGTALK = "office.wecom.reader", "office-dingtalk-reader"
_EXPECTED = {
    "help": "commands.help.title",
    "status": "commands.status.title",
    "privacy": "commands.privacy.body",
    "explain": "explain",
    "nearest": "commands.unknown.nearest",
    "complaint_offered": "complaints.notice.offered",
    "complaint_category": "complaints.say.category",
    "complaint_unit": "complaints.say.unit",
    "complaint_text": "complaints.say.text",
    "complaint_check": "complaints.check.title",
    "complaint_confirm": "complaints.confirm.text",
    "complaint_receipt": "complaints.receipt.text",
}
_RECEIPT = re.compile(r"\d{4}(?: \d{4}){4}")


@dataclass(slots=True)
class Played:
    """What was said and what became of it."""

    lines: int = 0
    acknowledged: int = 0
    asked: int = 0
    answered: int = 0
    # By the text they stand for: in the demo one plays every member.
    receipts: dict[str, tuple[Line, str]] = field(default_factory=dict)
    clicks: Clicks = field(default_factory=Clicks)
    _told: dict[str, str] = field(default_factory=dict)

    def note(self, line: Line, answer: str) -> None:
        """Remember what was told last, and the receipt for it."""
        if line.expect in ("complaint_check", "complaint_confirm") and len(line.text) > 1:
            self._told[line.sender] = line.text
        if found := _RECEIPT.search(answer) if line.expect == "complaint_receipt" else None:
            self.receipts[self._told[line.sender]] = (line, found[0])


async def play(out: Path, texts: Texts, *, stay: bool) -> int:
    """The whole demo. 0 when everything came out as it should, 1 with the reason otherwise."""
    console = Console()
    data = out / "data"
    if data.exists():
        shutil.rmtree(data)
    scenes, lines = load_story()
    with as_file(files("bot.demo")) as package:
        stage = Stage(data.resolve(), package)
        office = DemoOffice(OFFICE, texts("demo.office"), WEEK, stage.folder / "complaints")
        office.enter_key()
        try:
            settings = await stage.open_platforms()
            stage.clock.set(lines[0].at - timedelta(hours=1))
            await _register(settings, stage.clock, scenes)
            await stage.start_bot(settings)
            console.print(texts("demo.started", groups=len(scenes), lines=len(lines)))
            played = await _perform(stage, lines, texts, console)
            await _reach_monday(stage, texts, console)
            heard = await _hand_over(stage, settings, office, played, texts, console)
            if await stage.stop_bot() != 0:
                raise DemoFailed(f"the bot did not stop cleanly, see {stage.log}")
            fine = heard and await _show(stage, settings, out, lines, played, texts, console)
        finally:
            await stage.close()
    if stay:
        await _stay(_page_in(out), texts, console)
    return 0 if fine else 1


@contextmanager
def _environment(settings: Mapping[str, str]) -> Iterator[None]:
    """The demo's settings instead of the caller's, for as long as they are read."""
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("QZ_")}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name in settings:
            del os.environ[name]
        os.environ.update(kept)


def _loaded(settings: Mapping[str, str]) -> Settings:
    with _environment(settings):
        return load_settings()


@asynccontextmanager
async def _house(settings: Mapping[str, str], clock: Clock) -> AsyncIterator[Counting]:
    async with AsyncExitStack() as resources:
        yield await open_counting(
            _loaded(settings), clock, secrets.token_bytes, random.SystemRandom().random, resources
        )


async def _register(settings: Mapping[str, str], clock: Clock, scenes: Sequence[Scene]) -> None:
    """What the operator enters beforehand: groups with their chats, and who reads the digest."""
    wecom, dingtalk = settings["QZ_WECOM__CORP_ID"], settings["QZ_DINGTALK__CLIENT_ID"]
    async with _house(settings, clock) as house:
        registry = house.store.registry
        for scene in scenes:
            await registry.put_group(scene.profile)
            is_wecom = scene.route.value.startswith("wecom")
            await registry.bind(
                "wecom" if is_wecom else "dingtalk",
                wecom if is_wecom else dingtalk,
                Opaque(scene.chat),
                scene.profile.code,
                scene.route.sees_everything,
            )
        await registry.put_office(
            Office(
                OFFICE,
                settings["QZ_OFFICE__TITLE"],
                (),
                (
                    Destination("wecom", wecom, False, Opaque(READER_WECOM)),
                    Destination("dingtalk", dingtalk, False, Opaque(READER_DINGTALK)),
                ),
            )
        )


async def _perform(stage: Stage, lines: Sequence[Line], texts: Texts, console: Console) -> Played:
    played = Played()
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console
    ) as bar:
        task = bar.add_task("", total=len(lines))
        for line in lines:
            day = texts(f"demo.weekday.{line.at.isoweekday()}")
            bar.update(task, description=f"{day} {line.at:%H:%M}", advance=1)
            await _look_on_the_hour(stage, line.at)
            before = len(stage.answers(line))
            played.lines += 1
            played.acknowledged += await stage.say(line)
            if line.expect is not None:
                played.asked += 1
                answer = await _answer(stage, before, line)
                played.answered += _is_meant(line, answer, texts)
                played.note(line, answer)
                if line.expect == "help":
                    await played.clicks.click(stage, line, texts)
    return played


async def _look_on_the_hour(stage: Stage, until: datetime) -> None:
    """Let the bot look at every full hour of working days up to a moment, whatever was said."""
    now = stage.clock.now().astimezone(ZONE)
    look = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    while look <= until:
        if look.hour in LOOKS:
            stage.clock.set(look)
            await stage.look()
        look += timedelta(hours=1)


async def _answer(stage: Stage, before: int, line: Line) -> str:
    async def said() -> bool:
        return len(stage.answers(line)) > before

    await stage.until(f"the answer to {line.key}", said, 10.0)
    return stage.answers(line)[-1]


def _is_meant(line: Line, answer: str, texts: Texts) -> bool:
    key = _EXPECTED[line.expect or ""]
    if key not in texts:
        return bool(answer)
    # The sentence as far as its first placeholder: what follows depends on the numbers.
    fixed = texts.raw(key).split("{", 1)[0].split("\n", 1)[0]
    return fixed[:12] in answer if fixed else bool(answer)


async def _reach_monday(stage: Stage, texts: Texts, console: Console) -> None:
    """Sunday midnight, the close before dawn, and the office's first working moment."""
    monday = WEEK.shifted(1).monday
    await _look_on_the_hour(stage, datetime.combine(monday, time(0), ZONE))
    before = stage.heard()
    stage.clock.set(datetime.combine(monday, time(2, 30), ZONE))
    await stage.look()
    if stage.heard() != before:
        raise DemoFailed("something was said before working time")
    console.print(texts("demo.closed", week=WEEK))
    stage.clock.set(datetime.combine(monday, time(8, 31), ZONE))

    async def delivered() -> bool:
        wecom = any(sent.to == READER_WECOM for sent in stage.wecom.sent)
        return wecom and any(sent.to == READER_DINGTALK for sent in stage.dingtalk.sent)

    await stage.look_until("the digest", delivered)
    console.print(texts("demo.delivered"))


async def _hand_over(
    stage: Stage,
    settings: Mapping[str, str],
    office: DemoOffice,
    played: Played,
    texts: Texts,
    console: Console,
) -> bool:
    """The stick to the office, a reply back, and its reader; whether he could read it."""

    async def is_ready() -> bool:
        return bool(office.batches())

    await stage.look_until("the hand-over", is_ready)
    cases = office.open()
    console.print(texts("demo.handed_over", count=len(cases)))
    for case in cases:
        console.print(
            texts(
                "demo.case",
                code=case.code,
                category=texts(f"complaints.category.{case.category}"),
                unit=case.unit or texts("complaints.words.no_unit"),
                text=case.text,
            ),
            highlight=False,
        )
    case = next(each for each in cases if each.kind is Category.DUPLICATE)
    line, receipt = played.receipts[case.text]
    office.reply(case, texts("demo.reply"), WEEK.shifted(1))
    async with open_reports(_loaded(settings).complaints_url) as reports:
        await reports.put_return(OFFICE, WEEK, office.figures(WEEK))
    at = datetime.combine(WEEK.shifted(2).monday, time(2, 30), ZONE)
    stage.clock.set(at)

    async def is_taken() -> bool:
        return office.is_taken()

    await stage.look_until("the reply to be taken in", is_taken)
    await stage.look()  # the next week is closed, and its digest asks for the figures
    asks = replace(line, key="private-asks", at=at, text=f"/查询 {receipt}", expect="")
    before = len(stage.answers(asks))
    await stage.say(asks)
    answer = await _answer(stage, before, asks)
    console.print(texts("demo.answered", code=case.code, reply=texts("demo.reply")))
    return texts("demo.reply") in answer


async def _show(
    stage: Stage,
    settings: Mapping[str, str],
    out: Path,
    lines: Sequence[Line],
    played: Played,
    texts: Texts,
    console: Console,
) -> bool:
    async with _house(settings, stage.clock) as house:
        written = await digest_files(house, WEEK, out)
        stored = await house.publish.stored(WEEK, OFFICE)
        ledger = await house.store.ledger.closed(WEEK)
        following = await house.publish.stored(WEEK.shifted(1), OFFICE)
    if stored is None or ledger is None or following is None:
        raise DemoFailed("there is no digest")
    canaries = canaries_of((line.text for line in lines), {line.sender for line in lines})
    canaries |= {receipt for _, receipt in played.receipts.values()}
    swept = sweep(stage.folder, canaries)
    fine = played.acknowledged == played.lines and played.answered == played.asked
    fine = fine and played.clicks.is_fine
    console.print()
    console.rule(decode_digest(stored).document.title)
    console.print(_headline(decode_digest(stored)))
    console.print()
    console.print(_gated(decode_digest(following).figures, texts))
    console.print(
        texts(
            "demo.messages",
            lines=played.lines,
            acknowledged=played.acknowledged,
            counted=ledger.messages,
            facts=ledger.facts,
        )
    )
    console.print(texts("demo.answers", asked=played.asked, answered=played.answered))
    clicks = played.clicks
    console.print(texts("demo.clicked", clicked=clicks.clicked, obeyed=clicks.obeyed))
    console.print(texts("demo.refused", repeated=clicks.repeated, refused=clicks.refused))
    console.print(
        texts("demo.swept", canaries=swept.canaries, files=swept.files, found=len(swept.found))
    )
    for name in swept.found:
        console.print(f"  {name}")
    for path in written:
        console.print(f"  {path}", soft_wrap=True)
    console.print()
    verified = verify_path(out, (), None, texts) == 0
    console.print(texts("demo.hours_late"))
    return fine and verified and not swept.found


def _headline(digest: Digest) -> str:
    """The numbers at the top of the page and the sentence below them."""
    blocks = [block for section in digest.document.sections for block in section.blocks]
    figures = next(block for block in blocks if isinstance(block, Figures))
    first = next(block for block in blocks if isinstance(block, Paragraph))
    numbers = "   ".join(f"{each.label} [bold]{each.value}[/bold]" for each in figures.items)
    return f"{numbers}\n{first.text}"


def _page_in(out: Path) -> bytes:
    return next(out.glob("*.html")).read_bytes()


async def _stay(page: bytes, texts: Texts, console: Console) -> None:
    """Serve the page on loopback until the terminal says stop."""
    app = web.Application()

    async def show(_request: web.Request) -> web.Response:
        return web.Response(body=page, content_type="text/html", charset="utf-8")

    app.add_routes([web.get("/", show)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    console.print(texts("demo.serving", url=f"http://127.0.0.1:{port}/"))
    try:
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


def _gated(following: DigestFigures, texts: Texts) -> str:
    """What became of the figures of complaints: let through by the gate, or withheld."""
    is_told = any(each.week == WEEK for each in following.complaints or ())
    key = "gated" if is_told and not following.complaints_withheld else "withheld"
    return texts(f"demo.{key}", week=WEEK, digest=WEEK.shifted(1))
