"""Mail as a Speaker: a digest is one letter, with its words and its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from email.headerregistry import Address

from bot.domain.attachments import Enclosures
from bot.domain.errors import PlatformError, RecipientUnknown
from bot.domain.mail_addresses import is_mail_address
from bot.domain.messages import Reply, ReplyAddress
from bot.platforms.mail.client import MailClient
from bot.platforms.mail.letters import letter
from handlers.ports import Clock, Destination, Parcel

PLATFORM = "mail"


class MailSpeaker:
    """Satisfies handlers.ports.Speaker and WholeSpeaker; a destination's id is a mail address."""

    platform = PLATFORM

    def __init__(
        self, client: MailClient, sender: Address, clock: Clock, forms: tuple[str, ...]
    ) -> None:
        self._client = client
        self._sender = sender
        self._clock = clock
        self.enclosures = Enclosures(forms)

    def parts(self, parcel: Parcel) -> Sequence[str]:
        """A letter has no limit that words would meet."""
        return [parcel.markdown]

    async def send(self, parcel: Parcel) -> str:
        """The words alone."""
        return await self.send_whole(parcel, {})

    async def send_whole(self, parcel: Parcel, files: Mapping[str, bytes]) -> str:
        """Hand in one letter; there is no receipt that a recall could use."""
        if not is_mail_address(parcel.destination.id.reveal()):
            raise RecipientUnknown("address")
        content = letter(parcel, files, self._sender, self._clock.now())
        await self._client.send(parcel.destination.id, content)
        return ""

    async def recall(self, _destination: Destination, _receipt: str) -> None:
        """A letter is gone when it is gone."""
        raise PlatformError("mail")

    async def answer(self, _address: ReplyAddress, _reply: Reply) -> None:
        """Nobody asks the bot by mail."""
        raise RecipientUnknown("mail")
