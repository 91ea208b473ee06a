"""What is said to a bot in a sweep: words, names and ids that must rest nowhere."""

from __future__ import annotations

import asyncio
import secrets
from base64 import b64encode
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import orjson

from bench.load import post
from bot.clock import SystemClock
from bot.domain.groups import GroupCode, GroupProfile, LineCode, UnitCode
from bot.domain.work_calendar import OfficeHours
from bot.platforms.wecom.crypto import WecomEnvelope
from bot.standins.dingtalk_messages import Said
from tests.process.server import Server

WORD, NAME, PERSON, MESSAGE = "canaryword", "金丝雀七号", "canary.person", "canarymsg"
CHAT, NICK = "canary.chat", "百灵鸟科长"
PHONE = "13900001234"
CANARIES = (WORD, NAME, PERSON, MESSAGE, PHONE, CHAT, NICK)
GROUPS = tuple(
    GroupProfile(
        code=GroupCode(f"g{number}"),
        alias=f"g{number}",
        unit=UnitCode("u1"),
        line=LineCode("l1"),
        size=40,
        zone=ZoneInfo("Asia/Shanghai"),
        hours=OfficeHours.parse("08:30-12:00,14:30-17:30"),
    )
    for number in range(101)
)
STRANGE = 23  # every so many times it is a chat that nobody registered
SAID = (
    "@{name} 各村今天17:30前把{word}台账报综治办，附现场照片",
    "收到 {word}",
    "{name}：又要截图{word}，一天光截图了",
    "@所有人 明早8点前接龙报平安 {word}",
    "还没报{word}的抓紧，{name}就差你了",
    "{word}不用报了",
)


CONSENT = ("投诉", "1", "3")
TELLING = f"每天要交{WORD}{{number}}，{NAME}晚上九点半还在催，打{PHONE}找我，我是村里的会计"
# What members do in private: tell it to the end, tell it as it is, give up at every step, accuse,
# ask, add, take back.
SCRIPTS: tuple[tuple[str, ...], ...] = (
    (*CONSENT, TELLING, "1", "1", "查询 {receipt}", "撤回 {receipt}"),
    (*CONSENT, TELLING, "3", "1", f"补充 {{receipt}} 还要{WORD}，{NAME}要的", "1"),
    (*CONSENT, TELLING, "2", f"又改成{WORD}{{number}}，每天都要", "取消"),
    (*CONSENT, TELLING),
    (*CONSENT, f"{NAME}贪污了{WORD}{{number}}补贴款", "取消"),
    (f"天天要{WORD}{{number}}，{NAME}催到半夜，受不了", TELLING, "不同意"),
    (f"/投诉 {WORD}{{number}}", f"/查寻 {WORD}{{number}}", f"各村今天17:30前把{WORD}台账报上来"),
    ("查询 1234 5678 9012 3456 78 19", f"{NAME}在吗 {WORD}{{number}}", "/隐私", "/帮助"),
)
PEOPLE = 96


def chat_of(number: int) -> str:
    """One of the registered groups in turn, each with all of SAID, or now and then a strange one."""
    return f"g{number % len(GROUPS)}" if number % STRANGE else f"{CHAT}{number % 7}"


async def push_to_dingtalk(server: Server, first: int, count: int) -> None:
    """Say so many things in DingTalk's groups, by Stream, some at the same time."""
    now, free = SystemClock().now(), asyncio.Semaphore(16)

    async def one(number: int) -> None:
        said = SAID[number % len(SAID)].format(name=NAME, word=f"{WORD}{number}")
        who, chat = f"{PERSON}{number % 911}", chat_of(number)
        quoted = f"{NAME}说过{WORD}{number}" if number % 9 == 0 else ""
        async with free:
            await server.dingtalk.push(
                Said(f"{MESSAGE}-d{number}", who, said, now, chat, quoted=quoted, nick=NICK)
            )

    async with asyncio.timeout(300):
        await asyncio.gather(*(one(number) for number in range(first, first + count)))


def callbacks(server: Server, count: int) -> list[bytes]:
    account = server.wecom.account
    envelope = WecomEnvelope(account.bot_token, account.bot_key, "")
    now = int(SystemClock().now().timestamp())
    made = []
    for number in range(count):
        said = SAID[number % len(SAID)].format(name=NAME, word=f"{WORD}{number}")
        direct = number % 50 == 0
        body = {
            "msgid": f"{MESSAGE}{number}",
            "aibotid": account.bot_id,
            "chattype": "single" if direct else "group",
            "from": {"userid": f"{PERSON}{number % 911}"},
            "msgtype": "text",
            "create_time": now - 7200 + number // 4,
            "text": {"content": said if direct else f"@{account.bot_name} {said}"},
        }
        if not direct:
            body["chatid"] = chat_of(number)
        sealed = envelope.seal(orjson.dumps(body), secrets.token_bytes(16))
        signature = envelope.sign(str(now), str(number), sealed)
        path = f"/wecom/aibot?msg_signature={signature}&timestamp={now}&nonce={number}"
        made.append(post(path, orjson.dumps({"encrypt": sealed})))
    return made


def script(number: int) -> list[str]:
    """What a member says; each has words of his own."""
    return [line.replace("{number}", str(number)) for line in SCRIPTS[number % len(SCRIPTS)]]


def encoded(canaries: Sequence[str]) -> set[str]:
    """The canaries as they look in base64 (at each of three places) and in hexadecimal."""
    found = set()
    for canary in canaries:
        raw = canary.encode()
        found.add(raw.hex())
        for place in range(3):
            # What its neighbours change is cut off at both ends.
            whole = b64encode(bytes(place) + raw).decode().rstrip("=")
            found.add(whole[4 if place else 0 : -2])
    return found
