"""企业微信 from its settings: an app, an AI bot, the message archive, each by itself or together."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

from aiohttp import ClientSession
from pydantic import SecretStr

from bot.domain.messages import Route
from bot.domain.private import Opaque
from bot.domain.sending import Allowance, Quota, Rate
from bot.platforms.hooks import VendorHooks
from bot.platforms.wecom.archive import (
    KEPT_FOR,
    ArchiveLibrary,
    ArchivePuller,
    load_private_key,
    load_private_keys,
)
from bot.platforms.wecom.archive_rooms import ArchiveRooms
from bot.platforms.wecom.archive_wire import ArchiveReader
from bot.platforms.wecom.client import WecomClient
from bot.platforms.wecom.contacts import WecomContacts
from bot.platforms.wecom.crypto import WecomEnvelope
from bot.platforms.wecom.data_service import DataService, DataServicePuller
from bot.platforms.wecom.data_service_wire import DataServiceReader
from bot.platforms.wecom.doors import AibotChannel, AppChannel, Desk, aibot_routes, app_routes
from bot.platforms.wecom.long_connection import LiveBot, LongConnection, Notice
from bot.platforms.wecom.native import NativeArchive
from bot.platforms.wecom.open_userids import OpenUserids
from bot.platforms.wecom.speaker import WecomSpeaker
from bot.platforms.wecom.transport import open_session
from bot.platforms.wecom.webhook import PLATFORM as WEBHOOK
from bot.platforms.wecom.webhook import WecomWebhooks
from bot.wiring.services import Services, Wired
from config.platform_settings import WecomSettings
from config.settings import Settings

A_WEBHOOKS_RATE = Rate(20, timedelta(minutes=1))
_GRAVE = (Notice.CREDENTIAL_REFUSED, Notice.DISPLACED)


def account_of(settings: WecomSettings) -> str:
    """What scopes every id of the platform: the corp, or for a bot by itself the bot."""
    return settings.corp_id or settings.aibot.bot_id


async def wire_wecom(all_settings: Settings, services: Services) -> Wired:
    """What the section QZ_WECOM__ sets up; nothing where it is empty."""
    settings, wired = all_settings.wecom, Wired()
    aibot, app = settings.aibot, settings.app
    is_set_up = settings.corp_id or aibot.token or aibot.secret or settings.webhooks
    if not is_set_up:
        return wired
    session = await services.resources.enter_async_context(open_session(settings.ca_file))
    client = None
    if app.secret is not None and app.agent_id is not None:
        client = _client(settings, session, services, app.secret, app.agent_id)
        wired.checks["wecom"] = client.check
        wired.books.append(WecomContacts(client, account_of(settings)))
    _wire_webhooks(settings, session, wired)
    live = _long_connection(settings, session, client, services, wired)
    outward = await services.resources.enter_async_context(open_session(public_only=True))
    wired.speakers["wecom"] = WecomSpeaker(
        client,
        session,
        api_base=settings.api_base,
        clock=services.clock,
        live=live,
        vendor_hooks=VendorHooks(settings.hooks, outward),
    )
    if app.token is not None and app.encoding_aes_key is not None:
        envelope = WecomEnvelope(
            app.token.get_secret_value(), app.encoding_aes_key.get_secret_value(), settings.corp_id
        )
        channel = AppChannel(envelope, settings.corp_id)
        wired.routes += app_routes(channel, _desk(services, "wecom_app"))
        wired.doors.append("GET,POST /wecom/app")
        wired.open_doors.add(Route.WECOM_APP)
    if aibot.token is not None and aibot.encoding_aes_key is not None:
        envelope = WecomEnvelope(
            aibot.token.get_secret_value(), aibot.encoding_aes_key.get_secret_value(), ""
        )
        bot = AibotChannel(envelope, account_of(settings), aibot.bot_id, aibot.name)
        wired.routes += aibot_routes(bot, _aibot_desk(settings, client, services))
        wired.doors.append("GET,POST /wecom/aibot")
        wired.open_doors.add(Route.WECOM_AIBOT)
        if aibot.bot_id:
            wired.own_ids.add(Opaque(aibot.bot_id))
    wired.allowances["wecom"] = _allowance(settings)
    if settings.archive.secret is not None:
        wired.rooms = ArchiveRooms(
            _client(settings, session, services, settings.archive.secret, 0)
        )
    await _wire_archive(settings, services, wired)
    _wire_data_service(all_settings, session, services, wired)
    return wired


def _client(
    settings: WecomSettings,
    session: ClientSession,
    services: Services,
    secret: SecretStr,
    agent_id: int,
) -> WecomClient:
    return WecomClient(
        session,
        api_base=settings.api_base,
        corp_id=settings.corp_id,
        secret=secret.get_secret_value(),
        agent_id=agent_id,
        clock=services.clock,
    )


def _wire_webhooks(settings: WecomSettings, session: ClientSession, wired: Wired) -> None:
    keys = {name: Opaque(key.get_secret_value()) for name, key in settings.webhooks.items()}
    if keys:
        wired.speakers[WEBHOOK] = WecomWebhooks(session, api_base=settings.api_base, keys=keys)
        wired.allowances[WEBHOOK] = Allowance(per_conversation=(A_WEBHOOKS_RATE,))


def _allowance(settings: WecomSettings) -> Allowance:
    most = settings.messages_per_day
    return Allowance(
        per_account=(Rate(settings.calls_per_minute, timedelta(minutes=1)),),
        per_conversation=(
            Rate(settings.chat_per_minute, timedelta(minutes=1)),
            Rate(settings.chat_per_hour, timedelta(hours=1)),
        ),
        quota=Quota(most, monthly=False) if most else None,
    )


def _long_connection(
    settings: WecomSettings,
    session: ClientSession,
    client: WecomClient | None,
    services: Services,
    wired: Wired,
) -> LongConnection | None:
    """The AI bot by long connection; the platform lets it have that or a callback, not both."""
    aibot = settings.aibot
    if aibot.secret is None or aibot.token is not None or not aibot.bot_id:
        return None
    bot = LiveBot(
        aibot.ws_url,
        aibot.bot_id,
        Opaque(aibot.secret.get_secret_value()),
        account_of(settings),
        aibot.name,
    )

    def notify(notice: str) -> None:
        change = services.watch.connected if notice == Notice.CONNECTED else services.watch.lost
        change(Route.WECOM_AIBOT.value)
        tell = services.log.warning if notice in _GRAVE else services.log.info
        tell("wecom_long_connection", notice=notice)

    live = LongConnection(
        session,
        bot,
        _aibot_desk(settings, client, services),
        wait=services.wait,
        random=services.random,
        notify=notify,
    )
    wired.tasks["wecom_aibot"] = live.run
    wired.doors.append("long connection")
    wired.watched.add(Route.WECOM_AIBOT)
    wired.own_ids.add(Opaque(aibot.bot_id))
    return live


def _aibot_desk(settings: WecomSettings, client: WecomClient | None, services: Services) -> Desk:
    """The AI bot's, with an app's help in knowing who speaks where there is one."""
    desk = _desk(services, "wecom_aibot")
    if client is None or not settings.aibot.resolve_userids:
        return desk
    return replace(desk, take=OpenUserids(client, desk.take, desk.clock, desk.happened))


def _desk(services: Services, door: str) -> Desk:
    return Desk(
        take=services.take,
        answer_later=services.answer_later,
        clock=services.clock,
        elapsed=services.elapsed,
        token_bytes=services.token_bytes,
        refused=services.refused(door),
        happened=lambda what: services.metrics.messages.labels(door, what).inc(),
        faulted=services.faulted(door),
    )


async def _wire_archive(settings: WecomSettings, services: Services, wired: Wired) -> None:
    archive = settings.archive
    library: ArchiveLibrary | None = services.archive_library
    if library is None and archive.library is not None and archive.secret is not None:
        native = NativeArchive(
            archive.library, corp_id=settings.corp_id, secret=archive.secret.get_secret_value()
        )
        services.resources.push_async_callback(native.aclose)
        library = native
    if library is None:
        return
    puller = ArchivePuller(
        library=library,
        reader=ArchiveReader(
            settings.corp_id, settings.aibot.name, is_command=services.is_command
        ),
        keys=load_private_keys(archive.private_keys),
        front_desk=services.take,
        cursors=services.cursors,
        happened=lambda what: services.metrics.messages.labels("wecom_archive", what).inc(),
        troubled=services.faulted("wecom_archive"),
        caught_up=partial(services.watch.pulled, Route.WECOM_ARCHIVE.value),
        wait=services.wait,
        jitter=services.random,
        batch=archive.batch,
        poll_seconds=archive.poll_seconds,
    )
    wired.tasks["wecom_archive"] = puller.run
    wired.doors.append("archive")
    wired.pulled[Route.WECOM_ARCHIVE] = KEPT_FOR


def _wire_data_service(
    all_settings: Settings, session: ClientSession, services: Services, wired: Wired
) -> None:
    settings = all_settings.wecom
    ours = settings.data_service
    if ours.secret is None:
        return
    service = DataService(
        session,
        api_base=settings.api_base,
        corp_id=settings.corp_id,
        secret=ours.secret.get_secret_value(),
        clock=services.clock,
        feature=ours.feature,
    )
    puller = DataServicePuller(
        service=service,
        reader=DataServiceReader(settings.corp_id),
        keys=[load_private_key(path, "data_service.private_keys") for path in ours.private_keys],
        front_desk=services.take,
        cursors=services.cursors,
        clock=services.clock,
        zone=all_settings.zone,
        happened=lambda what: services.metrics.messages.labels("wecom_data_service", what).inc(),
        troubled=services.faulted("wecom_data_service"),
        caught_up=partial(services.watch.pulled, Route.WECOM_DATA_SERVICE.value),
        wait=services.wait,
        jitter=services.random,
        poll_seconds=ours.poll_seconds,
        settle=timedelta(seconds=ours.settle_seconds),
    )
    wired.checks["wecom_data_service"] = service.check
    wired.tasks["wecom_data_service"] = puller.run
    wired.doors.append("data service")
    wired.pulled[Route.WECOM_DATA_SERVICE] = timedelta(days=ours.kept_days)
