"""Mail from its settings: a speaker, and a check for the doctor."""

from __future__ import annotations

from email.headerregistry import Address

from bot.domain.attachments import attached_forms
from bot.domain.private import Opaque
from bot.platforms.mail.client import USUAL_PORTS, MailClient, MailServer
from bot.platforms.mail.speaker import PLATFORM, MailSpeaker
from bot.wiring.services import Services, Wired
from config.settings import Settings


async def wire_mail(all_settings: Settings, services: Services) -> Wired:
    """What the section QZ_MAIL__ sets up; nothing without a host."""
    settings, wired = all_settings.mail, Wired()
    if not settings.host:
        return wired
    secret = settings.password
    server = MailServer(
        host=settings.host,
        port=settings.port or USUAL_PORTS[settings.security],
        security=settings.security,
        user=settings.user,
        password=Opaque(secret.get_secret_value()) if secret else None,
        ca_file=settings.ca_file,
        seconds=settings.timeout_seconds,
    )
    client = MailClient(server, settings.sender)
    sender = Address(settings.sender_name, addr_spec=settings.sender)
    forms = attached_forms(all_settings.office.attach)
    wired.speakers[PLATFORM] = MailSpeaker(client, sender, services.clock, forms)
    wired.checks[PLATFORM] = client.check
    return wired
