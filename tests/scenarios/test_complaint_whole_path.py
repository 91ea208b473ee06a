"""From a member's phone to a reply read by receipt: real doors, real box, a real office beside it."""

from __future__ import annotations

import itertools
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr

from bot.crypto.batch_files import decode_batch
from bot.crypto.office_keys import SUFFIX
from bot.domain.complaints import CaseState, Category, ClosingReason, Complaint, Remedy
from bot.domain.groups import GroupCode, GroupProfile, LineCode, UnitCode
from bot.domain.periods import Week
from bot.domain.private import PrivateText
from bot.domain.receipts import Receipt
from bot.domain.work_calendar import OfficeHours
from bot.office.case_book import Case
from bot.office.replying import Decision, decide, reply_file
from bot.office.secrets import OfficeSecret
from bot.office.taking_in import Desk, take_in
from bot.standins.dingtalk_messages import Said
from bot.standins.wecom import WecomStandin
from config.load import load_texts
from config.settings import ComplaintSettings, Settings
from tests.complaints.house import desk_of, new_office
from tests.scenarios.running_bot import House, running

ZONE = ZoneInfo("Asia/Shanghai")
WEDNESDAY = datetime(2026, 10, 21, 10, 3, tzinfo=ZONE).astimezone(UTC)
TEXTS = load_texts("zh-CN")
NOTHING = TEXTS("complaints.answers.none")
TOLD = "每天下班以后还要交三张截图，漏一张就点名"
GROUP = GroupProfile(
    code=GroupCode("g1"),
    alias="平安东街群",
    unit=UnitCode("东街镇"),
    line=LineCode("综治"),
    size=120,
    zone=ZONE,
    hours=OfficeHours.parse("08:30-12:00,14:30-17:30"),
)
SHOWN = re.compile(r"\d{4}(?: \d{4}){4}")
SLOT = timedelta(minutes=10)
WAYS = ("wecom_app", "wecom_aibot", "wecom_live", "dingtalk_stream", "dingtalk_http")
DONE = Decision(
    CaseState.CLOSED,
    "该群已停用，截图一律取消。",
    ClosingReason.REMEDIED,
    Remedy.GROUP_DISSOLVED,
)
_numbers = itertools.count(1)

Adjust = Callable[[Settings, WecomStandin], Settings]


@dataclass
class Place:
    """A running bot, one way to it, and the office whose key it has."""

    house: House
    way: str
    office: OfficeSecret
    desk: Desk

    async def say(self, text: str, who: str = "li.hua") -> str:
        """Say something in private by this way; the answer."""
        heard = self._heard()
        await _SAYS[self.way](self.house, who, text)
        await self.house.bot.answers.drained()
        await self.house.until(lambda: len(self._heard()) > len(heard))
        return self._heard()[-1]

    def _heard(self) -> list[str]:
        if self.way.startswith("wecom"):
            return [sent.content for sent in self.house.wecom.sent]
        # What makes a line break for DingTalk is taken off again.
        return [sent.text.replace("  \n  ", "\n") for sent in self.house.dingtalk.sent]

    async def complain(self, text: str = TOLD) -> str:
        """From the word to the receipt."""
        for answer in ("投诉", "1", "5", "1", text):
            await self.say(answer)
        found = SHOWN.search(await self.say("1"))
        assert found
        return found[0]

    async def others(self) -> None:
        """Four more from other units, so that there are enough to be handed over."""
        complaints = self.house.bot.counting.complaints
        assert complaints is not None
        week = Week.of(self.house.clock.moment, ZONE)
        for number in range(4):
            text = PrivateText(f"别人的第{number}件烦心事")
            await complaints.box.submit(
                Complaint(Category.OTHER, UnitCode(f"u{number % 2}"), text, True, week)
            )

    async def slots(self, number: int = 3) -> None:
        for _ in range(number):
            self.house.clock.moment += SLOT
            await self.house.bot.counting.tick(_fail)

    async def next_monday(self) -> None:
        week = Week.of(self.house.clock.moment, ZONE)
        self.house.clock.moment = week.ends_at(ZONE) + timedelta(hours=2, minutes=30)
        await self.house.bot.counting.tick(_fail)

    def carry(self) -> None:
        """The stick to the office: open whatever lies there."""
        complaints = self.house.bot.counting.complaints
        assert complaints is not None
        for path in sorted(complaints.exchange.out.glob("*.qzbatch")):
            take_in(self.desk, *decode_batch(path.read_bytes(), path.name, "intl"))

    def case(self, text: str = TOLD) -> Case | None:
        return next((case for _, case in self.desk.cases() if case.text == text), None)

    def reply(self, decision: Decision = DONE) -> None:
        """The office decides, and the stick goes back."""
        complaints, case = self.house.bot.counting.complaints, self.case()
        assert complaints is not None
        assert case is not None
        ((secret, book),) = self.desk.held
        week = Week.of(self.house.clock.moment, ZONE)
        decide(book, case, decision, week)
        complaints.exchange.put_reply(reply_file(secret, book, week), "stick")


def _fail(step: str, error: Exception) -> None:
    raise AssertionError(step) from error


async def _by_app(house: House, who: str, text: str) -> None:
    await house.wecom.post.post_app_text(house.base + "/wecom/app", who, text)


async def _by_aibot(house: House, who: str, text: str) -> None:
    await house.wecom.post.post_aibot_text(house.base + "/wecom/aibot", who, text)


async def _by_live(house: House, who: str, text: str) -> None:
    await house.wecom.live.held()
    await house.wecom.live.say(who, text)


def _said(house: House, who: str, text: str) -> Said:
    return Said(f"m{next(_numbers)}", who, text, house.clock.moment)


async def _by_stream(house: House, who: str, text: str) -> None:
    await house.dingtalk.push(_said(house, who, text))


async def _by_http(house: House, who: str, text: str) -> None:
    await house.dingtalk.post(house.base + "/dingtalk/robot", _said(house, who, text))


_SAYS: dict[str, Callable[[House, str, str], Awaitable[None]]] = {
    "wecom_app": _by_app,
    "wecom_aibot": _by_aibot,
    "wecom_live": _by_live,
    "dingtalk_stream": _by_stream,
    "dingtalk_http": _by_http,
}


def _for(way: str) -> Adjust:
    def adjust(settings: Settings, standin: WecomStandin) -> Settings:
        changes: dict[str, object] = {
            "complaints": ComplaintSettings(kdf_memory_kib=19 * 1024, kdf_passes=2)
        }
        if way == "wecom_live":
            aibot = settings.wecom.aibot.model_copy(
                update={
                    "token": None,
                    "secret": SecretStr(standin.account.bot_secret),
                    "ws_url": standin.live_url,
                }
            )
            changes["wecom"] = settings.wecom.model_copy(update={"aibot": aibot})
        if way == "dingtalk_http":
            changes["dingtalk"] = settings.dingtalk.model_copy(update={"mode": "http"})
        return settings.model_copy(update=changes)

    return adjust


@asynccontextmanager
async def placed(
    folder: Path, way: str, office: OfficeSecret, desk: Desk, start: datetime = WEDNESDAY
) -> AsyncIterator[Place]:
    platform = way.split("_")[0]
    async with running(folder, start, [GROUP], platform, archive=False, adjust=_for(way)) as house:
        yield Place(house, way, office, desk)


@pytest.fixture
def office(tmp_path: Path) -> OfficeSecret:
    """An office whose key the operator has entered."""
    made = new_office()
    keys = tmp_path / "complaints" / "office-keys"
    keys.mkdir(parents=True, mode=0o700)
    (keys / f"county{SUFFIX}").write_bytes(made.public_file())
    return made


@pytest.fixture
def desk(office: OfficeSecret) -> Desk:
    return desk_of(office)


@pytest.fixture
async def place(tmp_path: Path, office: OfficeSecret, desk: Desk) -> AsyncIterator[Place]:
    async with placed(tmp_path, "dingtalk_stream", office, desk) as made:
        yield made


@pytest.mark.parametrize("way", WAYS)
async def test_from_a_phone_to_a_reply_read_by_receipt(
    tmp_path: Path, office: OfficeSecret, desk: Desk, way: str
) -> None:
    async with placed(tmp_path, way, office, desk) as place:
        receipt = await place.complain()
        await place.others()
        await place.slots()
        await place.next_monday()
        place.carry()
        case = place.case()
        before = await place.say(f"查询 {receipt}")
        place.reply()
        await place.next_monday()
        after = await place.say(f"查询 {receipt}")

    assert case is not None
    assert (case.unit, case.week, case.kind) == ("东街镇", "2026-W43", Category.OFF_HOURS)
    assert before == NOTHING
    assert "county减负专班" in after
    assert "该群已停用，截图一律取消。" in after
    assert "工作群已解散" in after


async def test_what_is_added_reaches_the_office_with_it(place: Place) -> None:
    receipt = await place.complain()
    await place.others()
    await place.slots()
    added = await place.say(f"补充 {receipt} 现在改成一天五张了")
    await place.slots()
    await place.next_monday()
    place.carry()

    case = place.case()
    assert added == TEXTS("complaints.done.added")
    assert case is not None
    assert case.supplements == ["现在改成一天五张了"]


async def test_what_is_withdrawn_never_reaches_the_office_and_reads_like_any_other(
    place: Place,
) -> None:
    receipt = await place.complain()
    await place.others()
    await place.slots()
    withdrawn = await place.say(f"撤回 {receipt}")
    await place.say("投诉")
    await place.slots()
    await place.next_monday()
    place.carry()

    assert withdrawn == TEXTS("complaints.done.withdrawn")
    assert place.case() is None
    assert await place.say(f"查询 {receipt}") == NOTHING


async def test_a_lost_receipt_an_unknown_one_and_an_expired_one_say_the_same(
    place: Place,
) -> None:
    receipt = await place.complain()
    await place.others()
    await place.slots()
    await place.next_monday()
    place.carry()
    place.reply()
    await place.next_monday()
    answered = await place.say(f"查询 {receipt}")
    place.house.clock.moment += timedelta(days=181)
    await place.next_monday()

    unknown = Receipt("123456789012345678").shown()
    assert answered != NOTHING
    assert await place.say(f"查询 {unknown}") == NOTHING
    assert await place.say(f"查询 {receipt}") == NOTHING


async def test_a_wrong_digit_is_told_at_once(place: Place) -> None:
    receipt = await place.complain()
    wrong = receipt[:-1] + str((int(receipt[-1]) + 1) % 10)

    assert await place.say(f"查询 {wrong}") == TEXTS("complaint_box.receipt_check")


async def test_a_restart_in_the_middle_forgets_the_conversation_and_loses_no_complaint(
    tmp_path: Path, office: OfficeSecret, desk: Desk
) -> None:
    async with placed(tmp_path, "dingtalk_stream", office, desk) as first:
        receipt = await first.complain()
        for said in ("投诉", "1", "5", "1"):
            await first.say(said, "wang.wu")
        stopped_at = first.house.clock.moment
    async with placed(tmp_path, "dingtalk_stream", office, desk, stopped_at) as second:
        forgotten = await second.say("1", "wang.wu")
        await second.others()
        await second.slots()
        # The counters are gone too: five more must come before what was written is handed over.
        await second.say("投诉")
        await second.next_monday()
        for _ in range(4):
            await second.slots(1)
            await second.next_monday()
        second.carry()
        second.reply()
        await second.next_monday()
        answered = await second.say(f"查询 {receipt}")

    assert "重启" in forgotten
    assert "该群已停用" in answered


@pytest.mark.parametrize("way", ["wecom_app", "wecom_aibot"])
async def test_a_picture_is_refused_at_the_door_of_the_platform_too(
    tmp_path: Path, office: OfficeSecret, desk: Desk, way: str
) -> None:
    async with placed(tmp_path, way, office, desk) as place:
        for said in ("投诉", "1", "5", "1"):
            await place.say(said)
        heard, post = len(place._heard()), place.house.wecom.post
        if way == "wecom_app":
            inner = "<PicUrl>http://x/y</PicUrl><MediaId>m1</MediaId>"
            await post.post_app(place.house.base + "/wecom/app", "li.hua", "image", inner)
        else:
            picture = {"msgtype": "image", "image": {"url": "http://x/y"}}
            await post.post_aibot(place.house.base + "/wecom/aibot", "li.hua", picture)
        await place.house.until(lambda: len(place._heard()) > heard)
        refused = place._heard()[-1]
        confirm = await place.say(TOLD)

    assert refused == TEXTS("complaints.say.text_only")
    assert confirm.startswith("**请核对**")


@pytest.mark.parametrize("way", ["wecom_aibot", "dingtalk_stream"])
async def test_in_a_group_only_a_hint_is_given(
    tmp_path: Path, office: OfficeSecret, desk: Desk, way: str
) -> None:
    receipt = Receipt("123456789012345678").shown()
    async with placed(tmp_path, way, office, desk) as place:
        house = place.house
        for text in ("投诉 金丝雀", f"/查询 {receipt}"):
            if way == "wecom_aibot":
                url = house.base + "/wecom/aibot"
                await house.wecom.post.post_aibot_text(url, "li.hua", text, chat="g1")
            else:
                at = house.clock.moment
                await house.dingtalk.push(Said(f"g{text[:3]}", "li.hua", text, at, group="g1"))
            await house.bot.answers.drained()
            await house.until(lambda: bool(place._heard()))

        assert set(place._heard()) == {TEXTS("complaints.say.only_private")}
