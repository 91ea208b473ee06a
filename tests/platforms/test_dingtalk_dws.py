"""The user-side event stream: a child process of the platform's own, heard and kept alive."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.errors import BooksUnavailable, Undecipherable
from bot.domain.messages import Form, Forwarded, IncomingMessage
from bot.domain.private import Opaque, PrivateText
from bot.platforms.base import Taken
from bot.platforms.dingtalk.dws import REFUSED_FOR_SECONDS, DwsEar
from bot.platforms.dingtalk.dws_wire import Recalled, Trouble, parse_history, parse_line
from bot.platforms.dingtalk.notices import Notice

NOW = datetime(2026, 10, 14, 9, 0, tzinfo=UTC)
GROUP = "cidDEMO=="


@dataclass
class Outside:
    """All that the ear is given: a clock, cursors, the front desk, and who hears of trouble."""

    cursors: dict[str, str] = field(default_factory=dict)
    taken: list[IncomingMessage] = field(default_factory=list)
    happened: Counter[str] = field(default_factory=Counter)
    notices: list[Notice] = field(default_factory=list)
    faults: list[BaseException] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    refuse_once: bool = False

    def now(self) -> datetime:
        return NOW

    async def get(self, name: str) -> str | None:
        return self.cursors.get(name)

    async def put(self, name: str, value: str) -> None:
        self.cursors[name] = value

    async def take(self, message: IncomingMessage) -> Taken:
        if self.refuse_once:
            self.refuse_once = False
            raise BooksUnavailable
        if message.key not in [one.key for one in self.taken]:
            self.taken.append(message)
        return Taken()

    async def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        if seconds == 60.0:
            await asyncio.Event().wait()  # the next beat is not a matter of these tests
        await asyncio.sleep(0)

    @property
    def said(self) -> list[str]:
        return [message.text.reveal() for message in self.taken]


@asynccontextmanager
async def listening(
    folder: Path, outside: Outside, *, group: str = GROUP, command: list[str] | None = None
) -> AsyncIterator[Callable[[Callable[[], bool]], object]]:
    ear = DwsEar(
        command=command or [sys.executable, "-m", "bot.standins.dws", str(folder)],
        account="dingapp",
        group=group,
        front_desk=outside.take,
        cursors=outside,
        clock=outside,
        wait=outside.wait,
        random=lambda: 0.0,
        happened=lambda what: outside.happened.update([what]),
        notify=outside.notices.append,
        fault=outside.faults.append,
    )
    running = asyncio.create_task(ear.run())

    async def until(holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(100):
            while not holds():
                await asyncio.sleep(0.01)

    try:
        yield until
    finally:
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running


def event(number: int, words: str = "", **fields: object) -> dict[str, object]:
    return {
        "type": "user_im_message_receive_group",
        "event_id": f"ev{number}",
        "timestamp": 1_790_000_000_123,
        "message_id": f"msg{number}",
        "conversation_id": GROUP,
        "sender": "王五",
        "sender_open_dingtalk_id": "oWang",
        "content": words or f"第{number}条",
        "create_time": "2026-09-21 22:13:20",
        **fields,
    }


def write(folder: Path, *lines: object) -> None:
    with folder.joinpath("events").open("a", encoding="utf-8") as events:
        for line in lines:
            events.write((line if isinstance(line, str) else json.dumps(line)) + "\n")


async def test_what_is_said_is_handed_over(tmp_path):
    outside = Outside()
    write(tmp_path, event(1), event(2))
    async with listening(tmp_path, outside) as until:
        await until(lambda: len(outside.taken) == 2)
    assert outside.said == ["第1条", "第2条"]
    assert outside.notices[0] is Notice.CONNECTED


async def test_it_is_ended_gently_so_that_no_subscription_stays_behind(tmp_path):
    outside = Outside()
    async with listening(tmp_path, outside) as until:
        await until(lambda: Notice.CONNECTED in outside.notices)
    assert tmp_path.joinpath("ended").exists()


async def test_it_may_still_talk_while_it_is_ended(tmp_path):
    outside = Outside()
    talking = (
        "import pathlib, signal, sys, time\n"
        "def end(*_):\n"
        "    sys.stdout.write('x' * 4_000_000); sys.stderr.write('y' * 4_000_000)\n"
        "    sys.stdout.flush(); sys.stderr.flush()\n"
        "    pathlib.Path(sys.argv[1], 'ended').touch(); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "print('[event] ready', file=sys.stderr, flush=True)\n"
        "time.sleep(100)\n"
    )
    command = [sys.executable, "-c", talking, str(tmp_path)]
    async with listening(tmp_path, outside, command=command) as until:
        await until(lambda: Notice.CONNECTED in outside.notices)
    assert tmp_path.joinpath("ended").exists()


async def test_a_child_that_dies_is_started_anew_after_a_wait_and_misses_nothing(tmp_path):
    outside = Outside(cursors={f"dingtalk_dws:dingapp:{GROUP}": NOW.isoformat()})
    missed = {
        "openMessageId": "msg9",
        "openConversationId": GROUP,
        "sender": {"name": "王五", "openDingTalkId": "oWang", "senderType": "user"},
        "content": "断线时说的",
        "createTime": "2026-10-14 16:59:00",
    }
    old = missed | {"openMessageId": "msg8", "createTime": "2026-10-14 08:00:00"}
    history = {"messages": [missed, old, {"no": "message"}], "hasMore": False}
    tmp_path.joinpath("history.json").write_text(json.dumps(history), "utf-8")
    write(tmp_path, event(1), "break", event(2))
    async with listening(tmp_path, outside) as until:
        await until(lambda: len(outside.taken) == 3)
    assert set(outside.said) == {"第1条", "断线时说的", "第2条"}
    assert Notice.LOST in outside.notices
    assert outside.waits[0] >= 1.0


async def test_one_child_for_all_groups_asks_for_no_history(tmp_path):
    outside = Outside()
    write(tmp_path, event(1, type="user_im_message_receive_group_all"))
    async with listening(tmp_path, outside, group="") as until:
        await until(lambda: len(outside.taken) == 1)
    (call,) = tmp_path.joinpath("calls").read_text("utf-8").splitlines()
    assert call == "event consume user_im_message_receive_group_all --flatten -f ndjson"
    assert not outside.cursors


async def test_when_the_command_says_when_to_try_again_it_is_obeyed(tmp_path):
    outside = Outside()
    tmp_path.joinpath("refusal").write_text('{"retryable": true, "retry_after_seconds": 45}')
    async with listening(tmp_path, outside) as until:
        await until(lambda: Notice.CONNECTED in outside.notices)
    assert 45.0 in outside.waits


async def test_when_only_a_person_can_help_it_is_tried_rarely_and_said(tmp_path):
    outside = Outside()
    tmp_path.joinpath("refusal").write_text('{"retryable": false, "message": "login expired"}')
    async with listening(tmp_path, outside) as until:
        await until(lambda: Notice.CREDENTIAL_REFUSED in outside.notices)
    assert outside.waits[0] == REFUSED_FOR_SECONDS


async def test_without_the_program_it_is_said_and_the_bot_goes_on(tmp_path):
    outside = Outside()
    async with listening(tmp_path, outside, command=[str(tmp_path / "dws")]) as until:
        await until(lambda: bool(outside.waits))
    assert isinstance(outside.faults[0], FileNotFoundError)
    assert outside.notices[0] is Notice.CREDENTIAL_REFUSED


async def test_when_nothing_was_recorded_the_child_is_started_anew(tmp_path):
    outside = Outside(refuse_once=True)
    write(tmp_path, event(1))
    async with listening(tmp_path, outside) as until:
        await until(lambda: bool(outside.taken))
    assert isinstance(outside.faults[0], BooksUnavailable)
    assert outside.said == ["第1条"]


async def test_garbage_and_recalls_are_counted_by_name(tmp_path):
    outside = Outside()
    recall = event(2, type="user_im_message_recall_group")
    write(tmp_path, "no json", {"type": "user_im_message_receive_group"}, recall, event(3))
    async with listening(tmp_path, outside) as until:
        await until(lambda: bool(outside.taken))
    assert outside.happened == {"undecipherable": 2, "recalled": 1}


async def test_our_secrets_are_not_in_the_childs_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("QZ_DINGTALK__CLIENT_SECRET", "hush")
    outside = Outside()
    script = (
        f"import os, pathlib; pathlib.Path({str(tmp_path / 'env')!r}).write_text(repr(os.environ))"
    )
    async with listening(tmp_path, outside, command=[sys.executable, "-c", script]) as until:
        await until(lambda: Notice.LOST in outside.notices)
    assert "hush" not in tmp_path.joinpath("env").read_text()


def test_an_envelope_says_the_same_as_a_flat_line():
    body = {
        "createTime": "2026-09-21 22:13:20",
        "openMessageId": "msg1",
        "senderOpenDingTalkId": "oWang",
        "openConversationId": GROUP,
        "content": "第1条",
        "quotedMessage": {"content": "报照片", "sender_open_dingtalk_id": "oLi"},
    }
    data = {"eventKey": "user_im_message_receive_group", "payload": {"body": body}}
    enveloped = parse_line(json.dumps({"data": json.dumps(data)}), "dingapp")
    quoted = {"content": "报照片", "sender_open_dingtalk_id": "oLi"}
    assert enveloped == parse_line(json.dumps(event(1, quoted_message=quoted)), "dingapp")
    assert isinstance(enveloped, IncomingMessage)
    assert enveloped.quote is not None
    assert enveloped.sent_at == datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)


def test_a_picture_is_a_picture_and_its_id_is_dropped():
    found = parse_line(json.dumps(event(1, "[图片消息](mediaId=@lQLP)")), "dingapp")
    assert isinstance(found, IncomingMessage)
    assert (found.form, found.text.reveal()) == (Form.IMAGE, "[图片]")


def heard(words: str, record: object) -> IncomingMessage:
    found = parse_line(json.dumps(event(1, words, forward_messages=record)), "dingapp")
    assert isinstance(found, IncomingMessage)
    return found


def test_forwarded_messages_are_an_inside_with_who_said_it_and_when():
    found = heard(
        "[聊天记录]王五与赵六的聊天记录",
        [
            {
                "content": "@所有人 报照片",
                "sender": "李局",
                "sender_open_dingtalk_id": "oLi",
                "create_time": "2026-09-21 21:00:00",
            },
            {"content": "[图片消息](mediaId=@lQLP)", "create_time": 1_790_000_000_000},
        ],
    )
    first, second = found.forwarded
    assert (found.text.reveal(), found.quote) == ("", None)
    assert first == Forwarded(
        PrivateText("@所有人 报照片"),
        sender=Opaque("oLi"),
        said_at=datetime(2026, 9, 21, 13, tzinfo=UTC),
        mentions_all=True,
    )
    assert (second.form, second.text.reveal()) == (Form.IMAGE, "[图片]")
    assert second.said_at == datetime.fromtimestamp(1_790_000_000, UTC)


def test_what_the_forwarder_says_beside_the_record_is_theirs():
    found = heard("照这个报", [{"content": "报照片"}])
    assert (found.text.reveal(), len(found.forwarded)) == ("照这个报", 1)


def test_a_raw_record_in_a_record_is_read_to_a_depth():
    inner: dict[str, object] = {"content": "最里面的话"}
    for depth in range(3):
        held = [{"content": f"第{depth}层"}, inner]
        inner = {"content": "[聊天记录]", "forwardMessages": held}
    words = [one.text.reveal() for one in heard("[聊天记录]", [inner]).forwarded]
    assert words == ["第2层", "第1层"]


def test_a_typed_mark_without_a_record_hides_nothing():
    said = "[聊天记录]请各村18点前报照片"

    assert heard(said, None).text.reveal() == said


@pytest.mark.parametrize("record", [None, "x", {}, [None, 3, "x", {}], [{"content": ["x"]}]])
def test_a_garbled_record_holds_nothing_and_breaks_nothing(record):
    assert heard("[聊天记录]", record).forwarded == ()


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ({"type": "user_im_message_read_group"}, None),
        ({"type": "user_im_message_recall_group"}, Recalled()),
        ({"retryable": True, "retry_after_seconds": 9}, Trouble(9.0)),
        ({"retryable": False}, Trouble(None)),
    ],
)
def test_other_lines_mean_what_they_say(line, found):
    assert parse_line(json.dumps(line), "dingapp") == found


@pytest.mark.parametrize(
    "raw",
    ["", "[]", '{"type":"user_im_message_receive_group"}', '{"data":"[1]"}', '{"data":5}'],
)
def test_what_is_no_event_is_refused(raw):
    with pytest.raises(Undecipherable):
        parse_line(raw, "dingapp")


def test_a_page_without_messages_is_refused():
    with pytest.raises(Undecipherable):
        parse_history("{}", "dingapp")


def test_a_time_in_milliseconds_does_too():
    found = parse_line(json.dumps(event(1, create_time=1_790_000_000_000)), "dingapp")
    assert isinstance(found, IncomingMessage)
    assert found.sent_at - datetime.fromtimestamp(1_790_000_000, UTC) < timedelta(seconds=1)
