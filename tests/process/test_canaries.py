"""Ten thousand messages with canary words, names and ids: none of them rests anywhere."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import random
import secrets
from base64 import b64encode
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp
import orjson
import pytest

from bench.load import post, run
from bot.clock import SystemClock
from bot.crypto.office_keys import SUFFIX
from bot.demo.sweep import sweep
from bot.domain.groups import GroupCode, GroupProfile, LineCode, UnitCode
from bot.domain.work_calendar import OfficeHours
from bot.platforms.wecom.crypto import WecomEnvelope
from bot.scrubbing import SCRUBBED
from tests.complaints.house import new_office
from tests.process.private_talk import Member, talk_at_once
from tests.process.server import Server

WORD, NAME, PERSON, MESSAGE = "canaryword", "金丝雀七号", "canary.person", "canarymsg"
PHONE = "13900001234"
CANARIES = (WORD, NAME, PERSON, MESSAGE, PHONE)
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
    for number in range(20)
)
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


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    office = tmp_path / "complaints" / "office-keys"
    office.mkdir(parents=True, mode=0o700)
    (office / f"county{SUFFIX}").write_bytes(new_office().public_file())
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    made = Server(
        tmp_path,
        more={
            "QZ_LOG_LEVEL": "debug",
            "QZ_COMPLAINTS__KDF_MEMORY_KIB": str(19 * 1024),
            "QZ_COMPLAINTS__KDF_PASSES": "2",
            "QZ_SCHEDULE__TICK_SECONDS": "1",
            "QZ_DINGTALK__CALLS_PER_SECOND": "1000",
            "TMPDIR": str(scratch),
        },
    )
    await made.prepare(GROUPS)
    await made.start()
    yield made
    await made.close()


def callbacks(server: Server, count: int) -> list[bytes]:
    account = server.wecom.account
    envelope = WecomEnvelope(account.bot_token, account.bot_key, "")
    now = int(SystemClock().now().timestamp())
    made = []
    for number in range(count):
        said = SAID[number % len(SAID)].format(name=NAME, word=f"{WORD}{number}")
        group = number % (len(GROUPS) + 1)  # the last is not registered
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
            body["chatid"] = f"g{group}"
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


async def metrics(server: Server) -> bytes:
    async with aiohttp.ClientSession() as session, session.get(server.base + "/metrics") as answer:
        return await answer.read()


async def test_none_of_ten_thousand_messages_leaves_a_word_a_name_or_an_id(
    server: Server, tmp_path: Path
) -> None:
    host, port = server.base.removeprefix("http://").split(":")
    members = [
        Member(server, f"{PERSON}{number}", "wecom" if number % 2 else "dingtalk")
        for number in range(PEOPLE)
    ]

    told = await talk_at_once(members, script)
    receipts = [receipt for member in members for receipt in member.receipts]
    canaries = {*CANARIES, *encoded(CANARIES), *receipts, *(r.replace(" ", "") for r in receipts)}
    sent = callbacks(server, 10_000 - told)
    first = await run(host, int(port), 32, sent[:4000])
    while_running = sweep(tmp_path, canaries)
    shown = await metrics(server)
    stopped = await server.stop()
    after_a_stop = sweep(tmp_path, canaries)
    await server.start()
    host, port = server.base.removeprefix("http://").split(":")
    second = await run(host, int(port), 32, sent[4000:])
    await server.kill()
    after_a_kill = sweep(tmp_path, canaries)
    async with server.store() as store:
        (week,) = await store.ledger.open_weeks()
        line = await store.ledger.close(week, SystemClock().now() + timedelta(days=9), "test")
        store.keyring.destroy(week)
    after_the_close = sweep(tmp_path, canaries)

    assert (first["not_200"], second["not_200"], stopped) == (0, 0, 0)
    assert line.facts > 1000, "the sweep must have had something to find"
    assert len(receipts) == PEOPLE // len(SCRIPTS) * 2, "and complaints were told to the end"
    for swept in (while_running, after_a_stop, after_a_kill, after_the_close):
        assert swept.found == ()
    assert not any(canary.encode() in shown for canary in canaries)
    logs = [path.read_text("utf-8") for path in tmp_path.glob("server-*.log")]
    assert not any(f'"{SCRUBBED}"' in log for log in logs), "the sieve before the log never acted"
    assert not any(str(number).encode() in shown for number in ("g1{", "u1", "l1"))


async def test_a_sweep_would_have_found_a_word(tmp_path: Path) -> None:
    """The negative control."""
    (tmp_path / "log").write_bytes(b"\x00..." + f"{WORD}17".encode() + b"\xff")

    (tmp_path / "dump").write_bytes(b64encode(f"x{PERSON}9".encode()))

    assert sweep(tmp_path, CANARIES).found == ("log",)
    assert sweep(tmp_path, encoded(CANARIES)).found == ("dump",)


async def test_none_of_two_thousand_forged_requests_gets_in(
    server: Server, tmp_path: Path
) -> None:
    draw = random.Random(20261121)
    genuine = callbacks(server, 200)
    statuses: dict[int, int] = {}

    async def worker(requests: list[tuple[str, str, dict[str, str], bytes]]) -> None:
        async with aiohttp.ClientSession(
            base_url=server.base, timeout=aiohttp.ClientTimeout(total=20), auto_decompress=False
        ) as session:
            for method, path, headers, body in requests:
                try:
                    async with session.request(method, path, data=body, headers=headers) as answer:
                        statuses[answer.status] = statuses.get(answer.status, 0) + 1
                        assert await answer.read() == b"" or answer.status in (404, 405)
                except (aiohttp.ClientError, UnicodeError):
                    statuses[0] = statuses.get(0, 0) + 1  # cut off before it was a request

    forged = [forge(draw, draw.choice(genuine)) for _ in range(2000)]
    await asyncio.gather(*(worker(forged[start::8]) for start in range(8)))

    assert sum(statuses.values()) == 2000
    assert not {status for status in statuses if status == 200 or status >= 500}
    assert await metrics(server), "it still answers"
    await server.kill()
    async with server.store() as store:
        assert await store.ledger.open_weeks() == []
    assert sweep(tmp_path, CANARIES).found == ()


def forge(draw: random.Random, genuine: bytes) -> tuple[str, str, dict[str, str], bytes]:
    """A genuine callback with something wrong, or something that never was one."""
    head, _, body = genuine.partition(b"\r\n\r\n")
    path = head.split(b" ")[1].decode()
    query = dict(part.split("=") for part in path.partition("?")[2].split("&"))
    headers = {"Content-Type": draw.choice(["text/xml", "application/json", "x/y"])}

    def with_query(**changes: str) -> str:
        return "/wecom/aibot?" + "&".join(f"{k}={v}" for k, v in {**query, **changes}.items())

    def flipped() -> bytes:
        place = draw.randrange(15, len(body) - 5)
        other = draw.choice([b for b in b"ABCXYZ019" if b != body[place]])
        return body[:place] + bytes([other]) + body[place + 1 :]

    far = str(int(query["timestamp"]) + draw.choice([-7200, -301, 301, 86_400]))
    sign = b64encode(hmac.digest(b"wrong", far.encode(), hashlib.sha256)).decode()
    kinds = [
        lambda: ("POST", with_query(msg_signature="0" * 40), headers, body),
        lambda: ("POST", with_query(msg_signature=secrets.token_hex(20)), headers, body),
        lambda: ("POST", with_query(timestamp=far), headers, body),
        lambda: ("POST", with_query(nonce="other"), headers, body),
        lambda: ("POST", with_query(nonce="%00%ff%E4%B8"), headers, body),
        lambda: ("POST", with_query(timestamp="１７６００"), headers, body),
        lambda: ("POST", with_query(), headers, flipped()),
        lambda: ("POST", with_query(), headers, body[: draw.randrange(len(body) - 1)]),
        lambda: ("POST", with_query(), headers, b"x" * 300_000),
        lambda: ("POST", with_query(), headers | {"Content-Encoding": "gzip"}, body),
        lambda: ("POST", with_query(), headers, draw.randbytes(draw.randrange(1, 600))),
        lambda: ("POST", with_query(), headers, "{}".encode("utf-16")),
        lambda: ("POST", with_query(), headers, b"[" * 5000),
        lambda: ("POST", "/wecom/aibot", headers, body),
        lambda: ("POST", with_query() + "&nonce=twice", headers, body),
        lambda: ("POST", with_query().replace("aibot", "app"), headers, body),
        lambda: ("POST", with_query().replace("aibot", "app"), headers,
                 b'<!DOCTYPE a [<!ENTITY b "c">]><xml><Encrypt>&b;</Encrypt></xml>'),
        lambda: ("GET", with_query(echostr="AAAA"), {}, b""),
        lambda: ("PUT", with_query(), headers, body),
        lambda: ("POST", "/dingtalk/robot", {"timestamp": far + "000", "sign": sign}, b"{}"),
    ]  # fmt: skip
    return draw.choice(kinds)()
