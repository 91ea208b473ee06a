"""The complaint side put together: store, keys, pepper, spool, weekly rewrite, exchange folder."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.crypto.exchange import FolderExchange, figures_in
from bot.crypto.international import International
from bot.crypto.office_keys import OfficeKeyFolder
from bot.crypto.provider import CryptoProvider
from bot.crypto.receipt_keys import DerivedReceiptKeys, WorkerStretch
from bot.crypto.sealer import OfficeSealer
from bot.domain.complaint_release import Returned, Verdict
from bot.domain.errors import BadInput, LostPepper
from bot.domain.groups import GroupProfile, UnitCode
from bot.domain.people_figures import PeoplePolicy
from bot.domain.periods import Week
from bot.domain.releases import ALL, Why
from bot.solver.client import SolverProcess
from config.settings import ComplaintSettings, Settings
from handlers.complaints.box import SpooledBox
from handlers.complaints.release import ReleaseFigures
from handlers.complaints.rewrite import RewriteWeekly
from handlers.ports import Clock
from storage.complaints.reports import ReturnedFile, SqlReports
from storage.complaints.store import open_reports
from storage.key_files import KeyFolder

PEPPER, SALT = "pepper", "salt"
_TOTAL = "total"
SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Complaints:
    """What the bot needs of it: `box` for members, `rewrite` for the week, the rest for the doctor
    and the commands."""

    box: SpooledBox
    rewrite: RewriteWeekly
    store: SqlReports
    exchange: FolderExchange
    keys: OfficeKeyFolder
    provider: CryptoProvider
    release: ReleaseFigures


@dataclass(frozen=True, slots=True)
class SignedReturns:
    """The ReturnStore port: files of offices, read as figures."""

    store: SqlReports

    async def take_returns(self, office: str, until: Week, shown_in: Week) -> Sequence[Returned]:
        """See handlers.complaints.ports.ReturnStore."""
        taken = await self.store.take_returns(office, until, shown_in)
        found = _read(taken)
        return [
            replace(one, verdict=Verdict.UNCHECKED) if each.withheld_in == shown_in else one
            for one, each in zip(found, taken, strict=True)
        ]

    async def returned_before(self, office: str, shown_in: Week) -> Sequence[Returned]:
        """See ReturnStore."""
        return _read(await self.store.returned_before(office, shown_in))

    async def returned_to(self, office: str) -> Sequence[Returned]:
        """See ReturnStore."""
        return _read(await self.store.returned_to(office))

    async def returned_of(self, week: Week) -> Sequence[Returned]:
        """See ReturnStore."""
        return _read(await self.store.returned_of(week))

    async def put_verdict(self, judged: Returned) -> None:
        """See ReturnStore."""
        if judged.verdict is not None:
            await self.store.put_verdict(
                judged.office,
                judged.figures.week,
                judged.verdict,
                sorted(judged.units),
                sorted(name or _TOTAL for name in judged.withdrawn),
                judged.why,
            )

    async def unchecked(self, since: Week) -> Sequence[Returned]:
        """See ReturnStore."""
        return _read(await self.store.unchecked(since))

    async def put_second_verdict(self, judged: Returned) -> None:
        """See ReturnStore."""
        if judged.verdict is not None:
            await self.store.put_second_verdict(
                judged.office,
                judged.figures.week,
                judged.verdict,
                sorted(name or _TOTAL for name in judged.withdrawn),
                judged.why,
            )


def _read(found: Sequence[ReturnedFile]) -> list[Returned]:
    return [
        Returned(
            each.office,
            figures_in(each.document),
            frozenset(map(UnitCode, each.units)),
            Verdict(each.verdict) if each.verdict else None,
            frozenset(ALL if name == _TOTAL else name for name in each.withdrawn),
            Why(each.why) if each.why else None,
            each.shown_in,
        )
        for each in found
    ]


async def open_complaints(
    settings: Settings,
    clock: Clock,
    token_bytes: Callable[[int], bytes],
    units_of: Callable[[], Mapping[str, Collection[UnitCode]]],
    resources: AsyncExitStack,
    groups: Callable[[], Sequence[GroupProfile]] = tuple,
    unchecked: Callable[[Returned], object] = lambda _one: None,
) -> Complaints:
    """Open the store and join the parts; without an office key the box is closed, and says so.

    `units_of` says which units an office (by code) answers for; none: for all. `groups` are the
    registered ones. `unchecked` hears of figures that the gate could not check.

    Raises BadInput for a damaged key, UnsafeStore when a pragma is not in force, LostPepper when
    pepper, salt or cost are not those that the store's receipts hang on.
    """
    if settings.complaints_url == settings.database_url:
        raise BadInput("settings", "QZ_COMPLAINTS__URL", "expected.own_database")
    store = await resources.enter_async_context(open_reports(settings.complaints_url))
    secrets = KeyFolder(settings.pepper_dir, token_bytes)
    cost = settings.complaints
    is_begun = await store.known_pepper() is not None
    pepper, salt = (_secret(secrets, name, make=not is_begun) for name in (PEPPER, SALT))
    salt = salt[:SALT_BYTES]
    if not (pepper and salt and await store.know_pepper(pepper_mark(pepper, salt, cost))):
        raise LostPepper(str(settings.pepper_dir))
    provider = International(token_bytes)
    keys = OfficeKeyFolder(settings.office_key_dir, provider)
    keys.all()  # a damaged key is told now

    exchange = FolderExchange(settings.exchange_dir, provider, keys.all)
    box = SpooledBox(
        store=store,
        sealer=OfficeSealer(provider, keys.in_use, units_of, token_bytes),
        receipts=DerivedReceiptKeys(
            provider,
            pepper,
            WorkerStretch(salt, cost.kdf_memory_kib, cost.kdf_passes),
            token_bytes,
        ),
        clock=clock,
        zone=settings.zone,
        token_bytes=token_bytes,
    )
    rewrite = RewriteWeekly(
        box=box,
        store=store,
        exchange=exchange,
        clock=clock,
        zone=settings.zone,
        grace=timedelta(hours=settings.schedule.close_grace_hours),
        offices=lambda: frozenset(key.office for key in keys.all()),
    )
    release = ReleaseFigures(
        store=SignedReturns(store),
        is_open=lambda: box.is_open,
        groups=groups,
        solve=SolverProcess(settings.complaints.gate_seconds),
        policy=PeoplePolicy(),
        unchecked=unchecked,
    )
    return Complaints(box, rewrite, store, exchange, keys, provider, release)


def _secret(secrets: KeyFolder, name: str, *, make: bool) -> bytes:
    """The secret; a new one where one may be made, else nothing."""
    return secrets.read(name) or (secrets.make(name) if make else b"")


def pepper_mark(pepper: bytes, salt: bytes, cost: ComplaintSettings) -> int:
    """63 bits that know pepper, salt and cost again, and tell nothing of the pepper."""
    named = f"qingzhuang/{cost.kdf_memory_kib}/{cost.kdf_passes}/".encode() + salt
    return int.from_bytes(hmac.digest(pepper, named, "sha256")[:8], "big") >> 1
