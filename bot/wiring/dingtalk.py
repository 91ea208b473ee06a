"""钉钉 from its settings: a client to speak, and one way in."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from bot.domain.errors import PlatformError
from bot.domain.messages import Route
from bot.domain.private import Opaque
from bot.domain.sending import Allowance, Quota, Rate
from bot.platforms.dingtalk.cards import CardChannel
from bot.platforms.dingtalk.client import DingtalkClient
from bot.platforms.dingtalk.contacts import DingtalkContacts
from bot.platforms.dingtalk.dws import DwsEar
from bot.platforms.dingtalk.frames import CLICKS, EVENTS, SUBSCRIPTIONS
from bot.platforms.dingtalk.gateway import Gateway
from bot.platforms.dingtalk.http_door import CardDoor, RobotDoor
from bot.platforms.dingtalk.notices import Notice
from bot.platforms.dingtalk.speaker import DingtalkSpeaker
from bot.platforms.dingtalk.stream import DingtalkStream, Patience
from bot.platforms.dingtalk.transport import open_session
from bot.platforms.dingtalk.webhook import PLATFORM as WEBHOOK
from bot.platforms.dingtalk.webhook import DingtalkWebhooks, Hook
from bot.platforms.dingtalk.wire import RobotChannel
from bot.platforms.hooks import VendorHooks
from bot.wiring.services import Services, Wired
from config.platform_settings import DingtalkSettings
from config.settings import Settings
from handlers.watch_routes import WatchRoutes

REGISTER_AGAIN_SECONDS = 300.0
_GRAVE = (Notice.CREDENTIAL_REFUSED, Notice.OVER_QUOTA)


async def wire_dingtalk(all_settings: Settings, services: Services) -> Wired:
    """What the section QZ_DINGTALK__ sets up; nothing without a client id and secret."""
    settings, wired = all_settings.dingtalk, Wired()
    if settings.webhooks:
        await _wire_webhooks(settings, services, wired)
    if not settings.client_id or settings.client_secret is None:
        return wired
    secret = settings.client_secret.get_secret_value()
    session = await services.resources.enter_async_context(open_session(settings.ca_file))
    outward = await services.resources.enter_async_context(open_session(public_only=True))

    def notify(notice: Notice) -> None:
        note_connection(services.watch, notice, settings.stream_silence_seconds)
        tell = services.log.warning if notice in _GRAVE else services.log.info
        tell("dingtalk_route", notice=notice.value)

    fault = services.faulted("dingtalk")
    client = DingtalkClient(
        session=session,
        api_base=settings.api_base,
        oapi_base=settings.oapi_base,
        client_id=settings.client_id,
        secret=secret,
        robot_code=settings.robot_code or settings.client_id,
        clock=services.clock,
        wait=services.wait,
        random=services.random,
        notify=notify,
        vendor_hooks=VendorHooks(settings.hooks, outward),
    )
    wired.allowances["dingtalk"] = _allowance(settings)
    cards = _cards(settings)
    wired.speakers["dingtalk"] = DingtalkSpeaker(client, services.clock, services.wait, cards)
    wired.checks["dingtalk"] = client.check
    wired.books.append(DingtalkContacts(client, settings.client_id))
    wired.own_ids.add(Opaque(settings.robot_code or settings.client_id))
    is_stream = settings.mode == "stream"
    channel = RobotChannel(
        account=settings.client_id,
        route=Route.DINGTALK_STREAM if is_stream else Route.DINGTALK_HTTP,
        robot_name=settings.robot_name,
        robot_code=settings.robot_code,
    )
    _wire_dws(settings, services, wired)
    refused = services.refused("dingtalk")
    if not is_stream:
        window = timedelta(seconds=settings.http_window_seconds)
        door = RobotDoor(
            channel, secret, services.take, services.clock, refused, notify, fault, window
        )
        wired.routes += door.routes()
        wired.doors.append("POST /dingtalk/robot")
        if cards is not None:
            _wire_card_door(settings, channel, client, services, wired)
        wired.open_doors.add(Route.DINGTALK_HTTP)
        return wired
    stream = DingtalkStream(
        gateway=Gateway(
            session,
            settings.api_base,
            settings.client_id,
            secret,
            subscriptions=(
                *SUBSCRIPTIONS,
                *([CLICKS] if cards is not None else []),
                *([EVENTS] if settings.group_events else []),
            ),
        ),
        channel=channel,
        front_desk=services.take,
        clock=services.clock,
        wait=services.wait,
        random=services.random,
        refused=refused,
        notify=notify,
        fault=fault,
        note_group_event=services.note_group_event if settings.group_events else None,
        patience=Patience(silence=timedelta(seconds=settings.stream_silence_seconds)),
    )
    wired.tasks["dingtalk_stream"] = stream.run
    wired.doors.append("Stream")
    wired.watched.add(Route.DINGTALK_STREAM)
    return wired


def _cards(settings: DingtalkSettings) -> CardChannel | None:
    """How cards are shown; None without a template, and over HTTP without a secret."""
    card, robot_code = settings.card, settings.robot_code or settings.client_id
    if not card.template or (settings.mode == "http" and card.secret is None):
        return None
    route_key = card.route_key if settings.mode == "http" else ""
    return CardChannel(card.template, robot_code, route_key)


def _wire_card_door(
    settings: DingtalkSettings,
    channel: RobotChannel,
    client: DingtalkClient,
    services: Services,
    wired: Wired,
) -> None:
    card = settings.card
    if card.secret is None:
        return
    secret = card.secret.get_secret_value()
    door = CardDoor(
        channel=channel,
        secret=secret,
        front_desk=services.take,
        clock=services.clock,
        refused=services.refused("dingtalk_card"),
        fault=services.faulted("dingtalk_card"),
        window=timedelta(seconds=settings.http_window_seconds),
    )
    wired.routes += door.routes()
    wired.doors.append("POST /dingtalk/card")
    if not card.callback_url:
        return

    async def register() -> None:
        while True:
            try:
                await client.register_card_callback(card.route_key, card.callback_url, secret)
            except PlatformError as error:
                services.log.warning("dingtalk_card_callback", error=type(error).__name__)
                await services.wait(REGISTER_AGAIN_SECONDS)
            else:
                return

    wired.tasks["dingtalk_card_callback"] = register


async def _wire_webhooks(settings: DingtalkSettings, services: Services, wired: Wired) -> None:
    session = await services.resources.enter_async_context(open_session(settings.ca_file))
    hooks = {
        name: Hook(
            Opaque(given.token.get_secret_value()),
            Opaque(given.secret.get_secret_value()) if given.secret else None,
        )
        for name, given in settings.webhooks.items()
    }
    wired.speakers[WEBHOOK] = DingtalkWebhooks(
        session, oapi_base=settings.oapi_base, hooks=hooks, clock=services.clock
    )
    # Beyond this the platform blocks the robot for ten minutes.
    wired.allowances[WEBHOOK] = Allowance(per_conversation=(Rate(20, timedelta(minutes=1)),))


def note_connection(watch: WatchRoutes, notice: Notice, silence: float) -> None:
    """What a notice says of the connection; the gateway's own renewals leave no gap."""
    route = Route.DINGTALK_STREAM.value
    if notice in (Notice.CONNECTED, Notice.RENEWED):
        watch.connected(route)
    elif notice in (Notice.LOST, Notice.NOT_OPENED, Notice.CREDENTIAL_REFUSED):
        watch.lost(route)
    elif notice is Notice.SILENT:
        watch.lost(route, timedelta(seconds=silence))


def _allowance(settings: DingtalkSettings) -> Allowance:
    most = settings.calls_per_month
    return Allowance(
        per_account=(Rate(settings.calls_per_second, timedelta(seconds=1)),),
        per_conversation=(Rate(settings.chat_per_minute, timedelta(minutes=1)),),
        quota=Quota(most, monthly=True) if most else None,
    )


def _wire_dws(settings: DingtalkSettings, services: Services, wired: Wired) -> None:
    if not settings.dws.command:
        return
    wired.watched.add(Route.DINGTALK_DWS)
    down: set[int] = set()

    def notify(child: int, notice: Notice) -> None:
        # The route is whole only while every child listens.
        (down.discard if notice is Notice.CONNECTED else down.add)(child)
        route = Route.DINGTALK_DWS.value
        (services.watch.lost if down else services.watch.connected)(route)
        tell = services.log.warning if notice in _GRAVE else services.log.info
        tell("dingtalk_dws", notice=notice.value)

    for number, group in enumerate(settings.dws.groups or [""]):
        ear = DwsEar(
            command=settings.dws.command,
            account=settings.client_id,
            group=group,
            front_desk=services.take,
            cursors=services.cursors,
            clock=services.clock,
            wait=services.wait,
            random=services.random,
            happened=lambda what: services.metrics.messages.labels("dingtalk_dws", what).inc(),
            notify=partial(notify, number),
            fault=services.faulted("dingtalk_dws"),
        )
        wired.tasks[f"dingtalk_dws_{number}"] = ear.run
    wired.doors.append("dws")
