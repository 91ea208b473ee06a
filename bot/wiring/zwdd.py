"""专有钉钉 and 浙政钉 from their settings: a client to speak, and a door for the robot."""

from __future__ import annotations

from bot.domain.messages import Route
from bot.domain.private import Opaque
from bot.platforms.dingtalk.transport import open_session
from bot.platforms.dingtalk.wire import RobotChannel
from bot.platforms.hooks import VendorHooks
from bot.platforms.zwdd.client import ZwddClient
from bot.platforms.zwdd.door import ROBOT_PATH, ZwddDoor
from bot.platforms.zwdd.speaker import PLATFORM, ZwddSpeaker
from bot.wiring.services import Services, Wired
from config.settings import Settings


async def wire_zwdd(all_settings: Settings, services: Services) -> Wired:
    """What the section QZ_ZWDD__ sets up; nothing without an app key and secret."""
    settings, wired = all_settings.zwdd, Wired()
    if not settings.app_key or settings.app_secret is None:
        return wired
    session = await services.resources.enter_async_context(open_session(settings.ca_file))
    outward = await services.resources.enter_async_context(open_session(public_only=True))
    robot_token = settings.robot_token.get_secret_value() if settings.robot_token else ""
    client = ZwddClient(
        session=session,
        api_base=settings.api_base,
        app_key=settings.app_key,
        app_secret=settings.app_secret.get_secret_value(),
        tenant_id=settings.tenant_id,
        robot_token=robot_token,
        client_ip=settings.client_ip,
        client_mac=settings.client_mac,
        clock=services.clock,
        token_bytes=services.token_bytes,
        vendor_hooks=VendorHooks(settings.hooks, outward),
    )
    wired.speakers[PLATFORM] = ZwddSpeaker(client, services.clock)
    wired.checks[PLATFORM] = client.check
    wired.own_ids.add(Opaque(settings.app_key))
    if settings.outgoing_token is not None:
        door = ZwddDoor(
            channel=RobotChannel(
                account=settings.app_key,
                route=Route.ZWDD,
                robot_name=settings.robot_name,
                platform=PLATFORM,
            ),
            token=settings.outgoing_token.get_secret_value(),
            front_desk=services.take,
            clock=services.clock,
            refused=services.refused(PLATFORM),
            fault=services.faulted(PLATFORM),
        )
        wired.routes += door.routes()
        wired.doors.append(f"POST {ROBOT_PATH}")
        wired.open_doors.add(Route.ZWDD)
    return wired
