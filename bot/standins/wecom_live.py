"""The platform's end of the AI bot's long connection, on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import orjson
from aiohttp import WSMsgType, web

from bot.standins.faults import Fault
from bot.standins.wecom_api import WecomApi
from bot.standins.wecom_cards import card_event, is_card_event
from bot.standins.wecom_values import Sent, said

UNSUBSCRIBED = 846609
_SENDS = {
    "aibot_respond_msg",
    "aibot_respond_welcome_msg",
    "aibot_send_msg",
}
_CHANGE = "aibot_respond_update_msg"


@dataclass(slots=True)
class WecomLive:
    """Holds at most one subscribed connection; a newer one throws the older out.

    Faults by place: "subscribe" and "live" (any later frame of the bot's). HALF_OPEN lets the
    connection live and answers nothing more on it.
    """

    api: WecomApi
    subscribed: int = 0
    opened_at: list[datetime] = field(default_factory=list)
    pings: int = 0
    _socket: web.WebSocketResponse | None = None
    _mute: set[int] = field(default_factory=set)
    _forgotten: set[int] = field(default_factory=set)
    _places: dict[str, str] = field(default_factory=dict)
    _clicks: set[str] = field(default_factory=set)
    _expired: set[str] = field(default_factory=set)
    _numbers: int = 0
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_held(self) -> bool:
        """Whether a bot is subscribed."""
        return self._socket is not None and not self._socket.closed

    async def held(self) -> None:
        """Return when a bot is subscribed."""
        while not self.is_held:
            self._changed.clear()
            await self._changed.wait()

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """One connection, from its opening to its end."""
        self.opened_at.append(self.api.clock.now())
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await self._answer(socket, orjson.loads(message.data))
        if self._socket is socket:
            self._socket = None
        return socket

    async def say(
        self, sender: str, text: str, *, chat: str = "", msgid: str = "", quote: str = ""
    ) -> str:
        """Words to the bot, behind its mention in a group; the request id of the callback."""
        words = f"@{self.api.account.bot_name} {text}" if chat else text
        message: dict[str, object] = {"msgtype": "text", "text": {"content": words}}
        if quote:
            message["quote"] = {"msgtype": "text", "text": {"content": quote}}
        if msgid:
            message["msgid"] = msgid
        return await self.callback("aibot_msg_callback", sender, message, chat=chat)

    async def callback(
        self, command: str, sender: str, message: Mapping[str, object], *, chat: str = ""
    ) -> str:
        """Push a message or an event; nobody acknowledges it, as on the platform."""
        self._numbers += 1
        request_id = f"R{self._numbers}"
        body = {
            "msgid": f"LIVE-{self._numbers}",
            "aibotid": self.api.account.bot_id,
            "chattype": "group" if chat else "single",
            "from": {"userid": sender},
            **({"chatid": chat} if chat else {}),
            **message,
        }
        self._places[request_id] = chat or sender
        if is_card_event(message):
            self._clicks.add(request_id)
        await self._push({"cmd": command, "headers": {"req_id": request_id}, "body": body})
        return request_id

    async def click(self, who: str, task: str, label: str, *, chat: str = "") -> str:
        """Somebody clicks a button of a card; the request id of the callback.

        Fault "click": DUPLICATE pushes the same click twice.
        """
        value = self.api.cards.shown[task].buttons[label]
        return await self.click_value(who, task, value, chat=chat)

    async def click_value(self, who: str, task: str, value: str, *, chat: str = "") -> str:
        """The same, with whatever stands behind the button."""
        event = card_event(task, value)
        fault = self.api.faults.due("click")
        if fault is Fault.DUPLICATE:
            event["msgid"] = f"CLICK-{self._numbers}"
            await self.callback("aibot_event_callback", who, event, chat=chat)
        return await self.callback("aibot_event_callback", who, event, chat=chat)

    async def push_raw(self, text: str) -> None:
        """Push whatever."""
        if self._socket is not None:
            await self._socket.send_str(text)

    async def cut(self) -> None:
        """Close the connection, as a network does."""
        if self._socket is not None:
            await self._socket.close()

    def forget(self) -> None:
        """Lose the subscription while the socket stays open."""
        if self._socket is not None:
            self._forgotten.add(id(self._socket))

    def expire_replies(self) -> None:
        """Let the callbacks that went out so far be too old to be replied to."""
        self._expired.update(self._places)

    async def displace(self) -> None:
        """What the bot hears when another process subscribes."""
        event = {"msgtype": "event", "event": {"eventtype": "disconnected_event"}}
        await self.callback("aibot_event_callback", "", event)

    async def _push(self, frame: Mapping[str, object]) -> None:
        await self.push_raw(orjson.dumps(frame).decode())

    async def _answer(self, socket: web.WebSocketResponse, frame: Mapping[str, object]) -> None:
        command = str(frame.get("cmd", ""))
        fault = self.api.faults.due("subscribe" if command == "aibot_subscribe" else "live")
        if fault is Fault.RESET:
            await socket.close()
            return
        if fault is Fault.HALF_OPEN:
            self._mute.add(id(socket))
        if id(socket) in self._mute:
            return
        code = 45009 if fault is Fault.RATE_LIMITED else await self._done(socket, command, frame)
        answer = {
            "headers": frame["headers"],
            "errcode": code,
            "errmsg": "ok" if not code else "x",
        }
        await socket.send_str(orjson.dumps(answer).decode())

    async def _done(
        self, socket: web.WebSocketResponse, command: str, frame: Mapping[str, object]
    ) -> int:
        body = frame.get("body")
        fields: Mapping[str, object] = body if isinstance(body, dict) else {}
        if command == "aibot_subscribe":
            return await self._subscribe(socket, fields)
        if socket is not self._socket or id(socket) in self._forgotten:
            return UNSUBSCRIBED
        if command == "ping":
            self.pings += 1
            return 0
        if command == _CHANGE:
            is_late = self._request_of(frame) not in self._places.keys() - self._expired
            return 846605 if is_late else self.api.cards.change(fields)
        return self._take(command, frame, fields) if command in _SENDS else 40008

    def _request_of(self, frame: Mapping[str, object]) -> str:
        headers = frame.get("headers")
        return str(headers.get("req_id")) if isinstance(headers, dict) else ""

    async def _subscribe(self, socket: web.WebSocketResponse, body: Mapping[str, object]) -> int:
        account = self.api.account
        if body.get("bot_id") != account.bot_id:
            return 93019
        if body.get("secret") != account.bot_secret:
            return 853000
        if self._socket is not None and self._socket is not socket:
            await self.displace()
            await self._socket.close()
        self._socket = socket
        self.subscribed += 1
        self._changed.set()
        return 0

    def _take(self, command: str, frame: Mapping[str, object], body: Mapping[str, object]) -> int:
        request_id = self._request_of(frame)
        to = str(body.get("chatid") or self._places.get(request_id, ""))
        if command != "aibot_send_msg" and request_id not in self._places.keys() - self._expired:
            return 846605
        if command == "aibot_send_msg" and to not in self._places.values():
            return 93006
        if command == "aibot_respond_msg" and request_id in self._clicks:
            return 846605  # a click takes no other reply than the card's change
        kind, content = said(body)
        if len(content.encode()) > 20_480:
            return 45002
        if kind == "template_card" and (code := self.api.cards.take("live", to, body)):
            return code
        self.api.sent.append(Sent("live", to, kind, content))
        return 0
