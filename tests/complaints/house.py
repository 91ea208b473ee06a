"""A bot's complaint side and an office beside it, with a clock that is moved; all crypto is real."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.crypto.batch_files import decode_batch
from bot.crypto.exchange import FolderExchange
from bot.crypto.international import International
from bot.crypto.office_keys import OfficeKey, keys_in_use
from bot.crypto.receipt_keys import DerivedReceiptKeys
from bot.crypto.sealer import OfficeSealer
from bot.crypto.shares import Stretching
from bot.domain.complaints import Category, Complaint
from bot.domain.groups import UnitCode
from bot.domain.periods import Week
from bot.domain.private import PrivateText
from bot.office.case_book import CaseBook
from bot.office.secrets import OfficeSecret, make_key
from bot.office.taking_in import Desk, take_in
from handlers.complaints.box import SLOT_SECONDS, SpooledBox
from handlers.complaints.rewrite import RewriteWeekly
from storage.complaints.reports import SqlReports

ZONE = ZoneInfo("Asia/Shanghai")
WEEK = Week(2026, 43)
WEDNESDAY = datetime(2026, 10, 21, 10, 3, tzinfo=ZONE).astimezone(UTC)
CHEAP = Stretching(memory_kib=8, passes=1)
PROVIDER = International(os.urandom)


@dataclass
class MovedClock:
    at: datetime = WEDNESDAY

    def now(self) -> datetime:
        return self.at


async def quick(secret: bytes) -> bytes:
    """In place of Argon2id, where its cost is not what is tested."""
    return hashlib.sha256(secret).digest()


def new_office(office: str = "county", week: Week = WEEK) -> OfficeSecret:
    return make_key(
        PROVIDER,
        office=office,
        title=f"{office}减负专班",
        week=week,
        passphrases=("第一位的口令要够长", "第二位的口令要够长", "第三位的口令要够长"),
        token_bytes=os.urandom,
        stretching=CHEAP,
    ).secret


@dataclass
class BotSide:
    """What runs on the bot's host. `keys` may be changed, as an operator enters a new one."""

    store: SqlReports
    folder: Path
    keys: list[OfficeKey]
    clock: MovedClock = field(default_factory=MovedClock)
    units_of: dict[str, tuple[UnitCode, ...]] = field(default_factory=dict)
    pepper: bytes = b"p" * 32
    token_bytes: Callable[[int], bytes] = os.urandom

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Begin as a new process does: memory is empty."""
        self.exchange = FolderExchange(self.folder / "exchange", PROVIDER, lambda: self.keys)
        self.receipts = DerivedReceiptKeys(PROVIDER, self.pepper, quick, self.token_bytes)
        self.box = SpooledBox(
            store=self.store,
            sealer=OfficeSealer(
                PROVIDER, lambda: keys_in_use(self.keys), lambda: self.units_of, self.token_bytes
            ),
            receipts=self.receipts,
            clock=self.clock,
            zone=ZONE,
            token_bytes=self.token_bytes,
        )
        self.rewrite = RewriteWeekly(
            box=self.box,
            store=self.store,
            exchange=self.exchange,
            clock=self.clock,
            zone=ZONE,
            grace=timedelta(hours=2),
            offices=lambda: frozenset(key.office for key in self.keys),
        )

    @property
    def week(self) -> Week:
        return Week.of(self.clock.at, ZONE)

    def complaint(self, text: str = "一天要截图三次", unit: str = "U1", **more) -> Complaint:
        return Complaint(
            category=more.get("category", Category.SCREENSHOT_REPORT),
            unit=UnitCode(unit),
            body=PrivateText(text),
            counts=more.get("counts", True),
            week=self.week,
        )

    async def slots(self, number: int = 1) -> None:
        """Let ten minutes pass, so many times."""
        for _ in range(number):
            self.clock.at += timedelta(seconds=SLOT_SECONDS)
            await self.box.write_slot()

    async def next_monday(self) -> Week:
        """Go to Monday 02:30 and rewrite; the week that ended."""
        ended = self.week
        self.clock.at = ended.ends_at(ZONE) + timedelta(hours=2, minutes=30)
        await self.rewrite()
        return ended

    def batches(self) -> list[Path]:
        return sorted(self.exchange.out.glob("*.qzbatch"))


def take_all(desk: Desk, files: Sequence[Path]) -> list:
    return [take_in(desk, *decode_batch(path.read_bytes(), path.name, "intl")) for path in files]


def desk_of(*secrets: OfficeSecret) -> Desk:
    return Desk([(secret, CaseBook()) for secret in secrets])
