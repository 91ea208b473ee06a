"""The doctor's look at the complaint box: keys, pepper, store. Nothing is made or changed."""

from __future__ import annotations

import secrets
import stat
from collections.abc import AsyncIterator
from pathlib import Path

from bot.crypto.international import International
from bot.crypto.office_keys import keys_in_use, load_office_keys
from bot.domain.errors import BadInput, StoreError
from bot.domain.periods import Week
from bot.domain.texts import Texts
from bot.solver.client import SolverProcess
from bot.terminal.algorithms import algorithms_line
from bot.terminal.rechecking import told
from bot.terminal.refusals import expected
from bot.wiring.complaints import PEPPER, SALT, SALT_BYTES, SignedReturns, pepper_mark
from config.settings import Settings
from handlers.complaints.release import LAST_TRY
from handlers.ports import Clock
from storage.complaints.store import open_reports
from storage.key_files import KeyFolder

FIT, WARN, UNFIT = "ok", "warn", "bad"
KEY_WEEKS = 14
"""A quarter and a week: then a key should be followed by a new one."""
_OF_OTHERS = 0o077
_SQLITE = "sqlite+aiosqlite:///"

Remark = tuple[str, str]


async def complaint_box(settings: Settings, clock: Clock, texts: Texts) -> list[Remark]:
    """Verdict and remark, line by line. Without a key one line says that complaints are closed."""
    try:
        keys = load_office_keys(settings.office_key_dir, International(secrets.token_bytes))
    except BadInput as error:
        told = texts("office.check.key_bad", file=error.where, expected=expected(error, texts))
        return [(UNFIT, told)]
    if not keys:
        return [(WARN, texts("office.check.closed"))]
    now = Week.of(clock.now(), settings.zone)
    found = []
    for key in keys_in_use(keys):
        weeks = (now.monday - key.made.monday).days // 7
        verdict, name = (WARN, "key_old") if weeks > KEY_WEEKS else (FIT, "key_ok")
        said = {"title": key.title, "fingerprint": key.fingerprint, "made": key.made}
        extra = {"weeks": weeks} if verdict == WARN else {}
        found.append((verdict, texts(f"office.check.{name}", **said, **extra)))
    provider = International(secrets.token_bytes).name
    return [
        *found,
        (FIT, algorithms_line(provider, texts)),
        _gate(settings, texts),
        *[each async for each in _at_rest(settings, clock, texts)],
    ]


def _gate(settings: Settings, texts: Texts) -> Remark:
    gate = SolverProcess(settings.complaints.gate_seconds)
    if not gate.is_installed:
        return WARN, texts("release_gate.check.absent")
    return FIT, texts("release_gate.check.ready", seconds=f"{gate.seconds:g}")


async def _at_rest(settings: Settings, clock: Clock, texts: Texts) -> AsyncIterator[Remark]:
    folder, url = settings.pepper_dir, settings.complaints_url
    is_made = not url.startswith(_SQLITE) or _exists(url.removeprefix(_SQLITE).partition("?")[0])
    files = [folder / name for name in (PEPPER, SALT)]
    if any(_is_open(each) for each in (folder, *files)):
        yield UNFIT, texts("office.check.pepper_open", path=folder)
        return
    has_pepper = all(_exists(str(each)) for each in files)
    if not is_made:
        key = "pepper_ok" if has_pepper else "pepper_absent"
        yield FIT, texts(f"office.check.{key}", path=folder)
        yield FIT, texts("office.check.store_absent")
        return
    try:
        async with open_reports(url, create=False) as store:
            known = await store.known_pepper()
            talkative = await store.talkative_settings()
            since = Week.of(clock.now(), settings.zone).shifted(-LAST_TRY)
            waiting = await SignedReturns(store).unchecked(since)
    except (StoreError, BadInput) as error:
        yield UNFIT, texts("office.check.store_bad", error=f"{type(error).__name__}: {error}")
        return
    for line in told(waiting, texts, before=True):
        yield WARN, line
    kind = url.split("+", 1)[0]
    yield FIT, texts("office.check.store_ok", kind=kind)
    if talkative:
        yield WARN, texts("office.check.store_talks", settings=", ".join(talkative))
    fits = known is None or (has_pepper and known == _mark(folder, settings))
    verdict, name = (FIT, "pepper_ok") if fits else (UNFIT, "pepper_lost")
    yield verdict, texts(f"office.check.{name}", path=folder)


def _mark(folder: Path, settings: Settings) -> int:
    held = KeyFolder(folder, secrets.token_bytes)
    pepper, salt = held.read(PEPPER) or b"", held.read(SALT) or b""
    return pepper_mark(pepper, salt[:SALT_BYTES], settings.complaints)


def _exists(path: str) -> bool:
    return Path(path).exists()


def _is_open(path: Path) -> bool:
    return path.exists() and bool(stat.S_IMODE(path.stat().st_mode) & _OF_OTHERS)
