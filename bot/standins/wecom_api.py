"""The addresses of WeCom that a bot calls, on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import orjson
from aiohttp import BodyPartReader, web

from bot.standins.faults import Fault, Faults
from bot.standins.wecom_cards import StandinCards
from bot.standins.wecom_data_service import StandinDataService
from bot.standins.wecom_values import Account, Clock, Sent, said

TOKEN_LASTS_FOR = timedelta(seconds=7200)
HOOK_LASTS_FOR = timedelta(hours=1)
MESSAGE_LIMIT_BYTES = 2048
ANSWER_LIMIT_BYTES = 20_480
WEBHOOK_LIMIT_BYTES = 4096


@dataclass(slots=True)
class WecomApi:
    """Tokens, messages, files and reply addresses; keeps what it was sent."""

    clock: Clock
    token_bytes: Callable[[int], bytes]
    account: Account
    faults: Faults
    data_service: StandinDataService
    sent: list[Sent] = field(default_factory=list)
    # The address book: department → its parent and its members.
    departments: dict[int, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    open_ids: dict[str, str] = field(default_factory=dict)  # encrypted → own
    archived: tuple[str, ...] = ()  # who is in the archive
    rooms: dict[str, tuple[str, ...]] = field(default_factory=dict)  # archived room → members
    webhooks: dict[str, str] = field(default_factory=dict)  # key → the group it speaks into
    ids: dict[str, Sent] = field(default_factory=dict)  # what can be recalled, by message id
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    cards: StandinCards = field(init=False)
    tokens_given: int = 0
    _token: str = ""
    _token_ends_at: datetime | None = None
    _hooks: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.cards = StandinCards(self.token_bytes)

    def application(self) -> web.Application:
        """The platform's addresses."""
        application = web.Application()
        application.add_routes(
            [
                web.get("/cgi-bin/gettoken", self._with_faults(self._give_token)),
                web.post("/cgi-bin/message/send", self._with_faults(self._take_message)),
                web.get("/cgi-bin/department/simplelist", self._with_faults(self._departments)),
                web.get("/cgi-bin/user/simplelist", self._with_faults(self._members)),
                web.post("/cgi-bin/batch/openuserid_to_userid", self._with_faults(self._own_ids)),
                web.post(
                    "/cgi-bin/msgaudit/get_permit_user_list", self._with_faults(self._permits)
                ),
                web.post("/cgi-bin/msgaudit/groupchat/get", self._with_faults(self._room)),
                web.post("/cgi-bin/webhook/send", self._with_faults(self._take_hook_message)),
                web.post(
                    "/cgi-bin/message/update_template_card", self._with_faults(self._fade_card)
                ),
                web.post("/cgi-bin/message/recall", self._with_faults(self._recall)),
                web.post("/cgi-bin/appchat/send", self._with_faults(self._take_chat_message)),
                web.post("/cgi-bin/media/upload", self._with_faults(self._take_file)),
                web.post("/cgi-bin/aibot/response", self._with_faults(self._take_answer)),
                web.post("/cgi-bin/corp/get_log_list", self._with_faults(self._give_log)),
            ]
        )
        return application

    def _with_faults(
        self, handler: Callable[[web.Request], Awaitable[web.Response]]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answer(request: web.Request) -> web.StreamResponse:
            match self.faults.due(request.path):
                case Fault.SERVER_ERROR:
                    return web.Response(status=500)
                case Fault.RATE_LIMITED:
                    return _code(45009)
                case Fault.TOKEN_EXPIRED:
                    self.take_token_back()
                    return _code(42001)
                case Fault.SLOW:
                    # The caller gives up and hangs up, which cancels this.
                    await asyncio.Event().wait()
                case Fault.RESET:
                    response = await handler(request)
                    if request.transport is not None:
                        request.transport.abort()
                    return response
            return await handler(request)

        return answer

    async def _give_token(self, request: web.Request) -> web.Response:
        if request.query.get("corpid") != self.account.corp_id:
            return _code(40013)
        if request.query.get("corpsecret") != self.account.secret:
            return _code(40001)
        self._token = self.token_bytes(24).hex()
        self._token_ends_at = self.clock.now() + TOKEN_LASTS_FOR
        self.tokens_given += 1
        return _code(0, access_token=self._token, expires_in=7200)

    def _token_trouble(self, request: web.Request) -> int:
        given = request.query.get("access_token", "")
        if not given:
            return 41001
        if given != self._token or self._token_ends_at is None:
            return 40014
        return 42001 if self.clock.now() >= self._token_ends_at else 0

    async def _take_message(self, request: web.Request) -> web.Response:
        if code := self._token_trouble(request):
            return _code(code)
        body = await _object(request)
        to, kind, content = str(body.get("touser", "")), *said(body)
        if not to:
            return _code(82001)
        if len(content.encode()) > MESSAGE_LIMIT_BYTES:
            return _code(45002)
        if kind == "template_card" and (code := self.cards.take("app", to, body)):
            return _code(code)
        message = Sent("app", to, kind, content)
        # The platform's own check against doubles, where the caller asks for it.
        if not (body.get("enable_duplicate_check") and message in self.sent):
            self.sent.append(message)
        message_id = f"MSG-{len(self.ids)}"
        self.ids[message_id] = message
        return _code(0, msgid=message_id, invaliduser="")

    async def _take_hook_message(self, request: web.Request) -> web.Response:
        key = request.query.get("key", "")
        if key not in self.webhooks:
            return _code(93000)
        kind, content = said(await _object(request))
        if len(content.encode()) > WEBHOOK_LIMIT_BYTES:
            return _code(40058)
        self.sent.append(Sent("webhook", self.webhooks[key], kind, content))
        return _code(0)

    async def _departments(self, request: web.Request) -> web.Response:
        if code := self._token_trouble(request):
            return _code(code)
        listed = [
            {"id": number, "parentid": parent, "order": 1}
            for number, (parent, _) in self.departments.items()
        ]
        return _code(0, department_id=listed)

    async def _members(self, request: web.Request) -> web.Response:
        if code := self._token_trouble(request):
            return _code(code)
        number = int(request.query.get("department_id", "0"))
        if number not in self.departments:
            return _code(60003)
        listed = [
            {"userid": who, "name": "某某", "department": [number]}
            for who in self.departments[number][1]
        ]
        return _code(0, userlist=listed)

    async def _fade_card(self, request: web.Request) -> web.Response:
        if code := self._token_trouble(request):
            return _code(code)
        return _code(self.cards.fade(await _object(request)))

    async def _own_ids(self, request: web.Request) -> web.Response:
        if code := self._token_trouble(request):
            return _code(code)
        listed = (await _object(request)).get("open_userid_list")
        asked = [str(each) for each in listed] if isinstance(listed, list) else []
        if not asked:
            return _code(40058)
        found = [
            {"open_userid": each, "userid": self.open_ids[each]}
            for each in asked
            if each in self.open_ids
        ]
        unknown = [each for each in asked if each not in self.open_ids]
        return _code(0, userid_list=found, invalid_open_userid_list=unknown)

    async def _permits(self, request: web.Request) -> web.Response:
        if code := self._token_trouble(request):
            return _code(code)
        return _code(0, ids=list(self.archived))

    async def _room(self, request: web.Request) -> web.Response:
        if code := self._token_trouble(request):
            return _code(code)
        members = self.rooms.get(str((await _object(request)).get("roomid", "")))
        if members is None:
            return _code(301059)
        listed = [{"memberid": who, "jointime": 1_600_000_000} for who in members]
        return _code(0, roomname="某群", creator=members[0], notice="", members=listed)

    async def _recall(self, request: web.Request) -> web.Response:
        if code := self._token_trouble(request):
            return _code(code)
        message = self.ids.pop(str((await _object(request)).get("msgid", "")), None)
        if message is None:
            return _code(40058)
        if message in self.sent:
            self.sent.remove(message)
        return _code(0)

    async def _take_chat_message(self, request: web.Request) -> web.Response:
        if code := self._token_trouble(request):
            return _code(code)
        body = await _object(request)
        kind, content = said(body)
        if len(content.encode()) > MESSAGE_LIMIT_BYTES:
            return _code(45002)
        self.sent.append(Sent("chat", str(body.get("chatid", "")), kind, content))
        return _code(0)

    async def _take_file(self, request: web.Request) -> web.Response:
        if code := self._token_trouble(request):
            return _code(code)
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and part.name == "media":
                media_id = f"MEDIA-{len(self.files)}"
                self.files[media_id] = (part.filename or "", bytes(await part.read()))
                return _code(0, type="file", media_id=media_id, created_at="0")
        return _code(44001)

    async def _take_answer(self, request: web.Request) -> web.Response:
        code = request.query.get("response_code", "")
        ends_at = self._hooks.pop(code, None)
        if ends_at is None or self.clock.now() >= ends_at:
            return _code(40058)
        kind, content = said(await _object(request))
        if len(content.encode()) > ANSWER_LIMIT_BYTES:
            return _code(45002)
        self.sent.append(Sent("hook", code, kind, content))
        return _code(0)

    async def _give_log(self, request: web.Request) -> web.Response:
        if code := self._token_trouble(request):
            return _code(code)
        return self.data_service.answer(await _object(request))

    def take_token_back(self) -> None:
        """Let the token end before its time, as the platform may."""
        self._token = ""

    def new_hook(self) -> str:
        """The code of a reply address: for one call, within an hour."""
        code = self.token_bytes(12).hex()
        self._hooks[code] = self.clock.now() + HOOK_LASTS_FOR
        return code


async def _object(request: web.Request) -> Mapping[str, object]:
    try:
        body = orjson.loads(await request.read())
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def _code(code: int, **values: object) -> web.Response:
    answer = {"errcode": code, "errmsg": "ok" if code == 0 else "error", **values}
    return web.json_response(answer, dumps=lambda value: orjson.dumps(value).decode())
