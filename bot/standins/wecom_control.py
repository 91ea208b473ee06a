"""What a builder tells the stand-in from outside: who says what, what goes wrong; what was sent.

GET /standin/account, GET /standin/sent; POST JSON to /standin/verify {url, door}, /standin/app
{url, sender, text}, /standin/aibot {url, sender, text, chat?, quote?}, /standin/live {sender,
text, chat?}, /standin/click {url?, who, label, chat?}: on the newest card shown there, by the app's or
the AI bot's callback at `url` or else by the long connection; /standin/archive (a record), /standin/fault {fault, where?, times?}.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict

import orjson
from aiohttp import web

from bot.standins.faults import Fault, Faults
from bot.standins.wecom_api import WecomApi
from bot.standins.wecom_archive import StandinArchive
from bot.standins.wecom_live import WecomLive
from bot.standins.wecom_poster import WecomPoster

Asked = Mapping[str, str]


class WecomControl:
    """The builder's side of a stand-in; not a part of the platform's protocol."""

    def __init__(
        self, api: WecomApi, post: WecomPoster, live: WecomLive, archive: StandinArchive
    ) -> None:
        self._api = api
        self._post = post
        self._live = live
        self._archive = archive

    def routes(self) -> list[web.RouteDef]:
        """Addresses below /standin/."""
        deeds: Mapping[str, Callable[[Asked], Awaitable[object]]] = {
            "verify": self._verify,
            "app": self._app,
            "aibot": self._aibot,
            "live": self._say_live,
            "click": self._click,
            "archive": self._keep,
            "fault": self._plan,
        }
        return [
            web.get("/standin/account", self._account),
            web.get("/standin/sent", self._sent),
            *(web.post(f"/standin/{name}", _asking(deed)) for name, deed in deeds.items()),
        ]

    async def _account(self, _request: web.Request) -> web.Response:
        return _json(asdict(self._api.account))

    async def _sent(self, _request: web.Request) -> web.Response:
        return _json([asdict(sent) for sent in self._api.sent])

    async def _verify(self, asked: Asked) -> object:
        door = (
            self._post.verify_aibot_url if asked["door"] == "aibot" else self._post.verify_app_url
        )
        return {"verified": await door(asked["url"])}

    async def _app(self, asked: Asked) -> object:
        return asdict(await self._post.post_app_text(asked["url"], asked["sender"], asked["text"]))

    async def _aibot(self, asked: Asked) -> object:
        delivery = await self._post.post_aibot_text(
            asked["url"],
            asked["sender"],
            asked["text"],
            chat=asked.get("chat", ""),
            quote=asked.get("quote", ""),
        )
        return asdict(delivery)

    async def _say_live(self, asked: Asked) -> object:
        request_id = await self._live.say(
            asked["sender"], asked["text"], chat=asked.get("chat", "")
        )
        return {"req_id": request_id, "held": self._live.is_held}

    async def _click(self, asked: Asked) -> object:
        who, chat, label = asked["who"], asked.get("chat", ""), asked["label"]
        card = self._api.cards.latest(chat or who)
        url = asked.get("url", "")
        if not url:
            return {"req_id": await self._live.click(who, card.task_id, label, chat=chat)}
        key = card.buttons[label]
        if card.via == "app":
            return asdict(await self._post.click_app(url, who, card.task_id, key))
        return asdict(await self._post.click_aibot(url, who, card.task_id, key, chat=chat))

    async def _keep(self, asked: Asked) -> object:
        return {"seq": self._archive.add(asked)}

    async def _plan(self, asked: Asked) -> object:
        faults: Faults = self._api.faults
        faults.plan(Fault(asked["fault"]), asked.get("where", "*"), int(asked.get("times", "1")))
        return {"planned": len(faults)}


def _asking(
    deed: Callable[[Asked], Awaitable[object]],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        try:
            return _json(await deed(orjson.loads(await request.read())))
        except (orjson.JSONDecodeError, LookupError, TypeError, ValueError, AttributeError):
            # Whoever builds against it reads this in a terminal.
            return _json({"expected": __doc__}, status=400)

    return answer


def _json(value: object, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(value), status=status, content_type="application/json")
