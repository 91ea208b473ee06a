"""How WeCom calls a bot: signed, sealed, as XML or JSON, and again when no 200 comes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from xml.sax.saxutils import escape

import orjson
from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.platforms.wecom.crypto import RANDOM_BYTES, WecomEnvelope
from bot.standins.faults import Fault
from bot.standins.wecom_api import WecomApi
from bot.standins.wecom_cards import card_event
from bot.standins.wecom_values import Delivery, Sent, said

CALLBACK_SECONDS = 5.0
RETRIES = 3
_FIRST_NUMBER = 7_400_000_000_000_000_000


@dataclass(slots=True)
class WecomPoster:
    """Posts callbacks; `base` is the address of `api`, for reply URLs."""

    api: WecomApi
    wait: Callable[[float], Awaitable[None]]
    base: str = ""
    app: WecomEnvelope = field(init=False)
    bot: WecomEnvelope = field(init=False)
    _numbers: int = field(init=False, default=_FIRST_NUMBER)

    def __post_init__(self) -> None:
        account = self.api.account
        self.app = WecomEnvelope(account.app_token, account.app_key, account.corp_id)
        self.bot = WecomEnvelope(account.bot_token, account.bot_key, "")

    async def verify_app_url(self, url: str) -> bool:
        """Do what the console does when 保存 is clicked; whether the bot passed."""
        return await self._verify(url, self.app)

    async def verify_aibot_url(self, url: str) -> bool:
        """The same for the AI bot."""
        return await self._verify(url, self.bot)

    async def _verify(self, url: str, envelope: WecomEnvelope) -> bool:
        echo = str(int.from_bytes(self.api.token_bytes(8), "big"))
        sealed = envelope.seal(echo.encode(), self.api.token_bytes(RANDOM_BYTES))
        query = {**self._signed(envelope, sealed), "echostr": sealed}
        async with ClientSession(timeout=ClientTimeout(total=1)) as session:
            try:
                async with session.get(url, params=query) as response:
                    return response.status == 200 and await response.read() == echo.encode()
            except (ClientError, TimeoutError):
                return False

    async def post_app_text(
        self, url: str, sender: str, text: str, *, sent_at: datetime | None = None
    ) -> Delivery:
        """A member's direct message to the app."""
        return await self.post_app(
            url, sender, "text", f"<Content>{_cdata(text)}</Content>", sent_at
        )

    async def post_app(
        self, url: str, sender: str, kind: str, inner: str, sent_at: datetime | None = None
    ) -> Delivery:
        """A message or event of any kind to the app; `inner` is the XML of its own elements."""
        account = self.api.account
        at = int((sent_at or self.api.clock.now()).timestamp())
        number = "" if kind == "event" else f"<MsgId>{self._serial()}</MsgId>"
        xml = (
            f"<xml><ToUserName>{_cdata(account.corp_id)}</ToUserName>"
            f"<FromUserName>{_cdata(sender)}</FromUserName><CreateTime>{at}</CreateTime>"
            f"<MsgType>{_cdata(kind)}</MsgType>{inner}{number}<AgentID>{account.agent_id}</AgentID></xml>"
        )
        sealed = self.app.seal(xml.encode(), self.api.token_bytes(RANDOM_BYTES))
        body = (
            f"<xml><ToUserName>{_cdata(account.corp_id)}</ToUserName>"
            f"<AgentID>{_cdata(str(account.agent_id))}</AgentID>"
            f"<Encrypt>{_cdata(sealed)}</Encrypt></xml>"
        )
        return await self._deliver(url, self.app, sealed, body.encode())

    async def click_app(self, url: str, who: str, task: str, key: str) -> Delivery:
        """A member clicks a button of the app's card; `key` is what stands behind it."""
        inner = (
            f"<Event>{_cdata('template_card_event')}</Event><EventKey>{_cdata(key)}</EventKey>"
            f"<TaskId>{_cdata(task)}</TaskId><CardType>{_cdata('button_interaction')}</CardType>"
            f"<ResponseCode>{_cdata(self.api.cards.new_code(task))}</ResponseCode>"
        )
        return await self.post_app(url, who, "event", inner)

    async def click_aibot(
        self, url: str, who: str, task: str, key: str, *, chat: str = ""
    ) -> Delivery:
        """The same on a card of the AI bot's."""
        return await self.post_aibot(url, who, card_event(task, key), chat=chat)

    async def post_aibot_text(
        self,
        url: str,
        sender: str,
        text: str,
        *,
        chat: str = "",
        quote: str = "",
        sent_at: datetime | None = None,
        msgid: str = "",
    ) -> Delivery:
        """Words to the AI bot: in a group (`chat`) behind its mention, else directly."""
        said = f"@{self.api.account.bot_name} {text}" if chat else text
        message: dict[str, object] = {"msgtype": "text", "text": {"content": said}}
        if quote:
            message["quote"] = {"msgtype": "text", "text": {"content": quote}}
        if msgid:
            message["msgid"] = msgid
        if sent_at is not None:
            message["create_time"] = int(sent_at.timestamp())
        return await self.post_aibot(url, sender, message, chat=chat)

    async def post_aibot(
        self, url: str, sender: str, message: Mapping[str, object], *, chat: str = ""
    ) -> Delivery:
        """A message or event of any kind to the AI bot."""
        hook = self.api.new_hook()
        body = {
            "msgid": self._number("AI"),
            "aibotid": self.api.account.bot_id,
            "chattype": "group" if chat else "single",
            "from": {"userid": sender},
            "response_url": f"{self.base}/cgi-bin/aibot/response?response_code={hook}",
            **({"chatid": chat} if chat else {}),
            **message,
        }
        sealed = self.bot.seal(orjson.dumps(body), self.api.token_bytes(RANDOM_BYTES))
        outer = orjson.dumps({"encrypt": sealed})
        return await self._deliver(url, self.bot, sealed, outer, to=chat or sender)

    async def _deliver(
        self, url: str, envelope: WecomEnvelope, sealed: str, body: bytes, to: str = ""
    ) -> Delivery:
        """POST, and again up to three times while the bot does not answer 200 within 5 seconds."""
        query = self._signed(envelope, sealed)
        fault = self.api.faults.due("callback")
        statuses: list[int] = []
        raw = b""
        async with ClientSession(timeout=ClientTimeout(total=CALLBACK_SECONDS)) as session:
            for attempt in range(1 + RETRIES):
                if attempt:
                    await self.wait(1.0)
                status, raw = await _post(session, url, query, body)
                statuses.append(status)
                repeated = fault in (Fault.DUPLICATE, Fault.LOST_ACK) and attempt == 0
                if status == 200 and not repeated:
                    break
        answer = self._opened(envelope, raw)
        if answer is not None and "response_type" in answer:
            self.api.cards.change(answer)
        elif answer is not None:
            if answer.get("msgtype") == "template_card":
                self.api.cards.take("ack", to, answer)
            self.api.sent.append(Sent("ack", to, *said(answer)))
        return Delivery(tuple(statuses), answer)

    def _signed(self, envelope: WecomEnvelope, sealed: str) -> dict[str, str]:
        timestamp = str(int(self.api.clock.now().timestamp()))
        nonce = str(int.from_bytes(self.api.token_bytes(4), "big"))
        return {
            "msg_signature": envelope.sign(timestamp, nonce, sealed),
            "timestamp": timestamp,
            "nonce": nonce,
        }

    def _opened(self, envelope: WecomEnvelope, raw: bytes) -> Mapping[str, object] | None:
        """The passive answer, held to the envelope that the platform asks for."""
        if not raw:
            return None
        outer = orjson.loads(raw)
        envelope.check(
            outer["msgsignature"], str(outer["timestamp"]), outer["nonce"], outer["encrypt"]
        )
        answer: Mapping[str, object] = orjson.loads(envelope.open(outer["encrypt"]))
        return answer

    def _number(self, prefix: str) -> str:
        return f"{prefix}-{self._serial()}"

    def _serial(self) -> int:
        self._numbers += 1
        return self._numbers


async def _post(
    session: ClientSession, url: str, query: Mapping[str, str], body: bytes
) -> tuple[int, bytes]:
    # The platform sends both bodies as XML, also the one that is JSON.
    headers = {"Content-Type": "text/xml"}
    try:
        async with session.post(url, params=query, data=body, headers=headers) as response:
            return response.status, await response.read()
    except (ClientError, TimeoutError):
        return 0, b""


def _cdata(text: str) -> str:
    return f"<![CDATA[{text}]]>" if "]]>" not in text else escape(text)
