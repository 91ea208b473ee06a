"""How many are archived, and how many sit in a room (pages 91614, 92951); numbers and nothing else.

The platform answers with names, ids and the time at which each joined: they are counted and let go.
"""

from __future__ import annotations

from bot.domain.errors import CredentialRefused, PlatformError, RateLimited, Unreachable
from bot.domain.private import Opaque
from bot.platforms.wecom.client import WecomClient
from bot.platforms.wecom.payload import rows


class ArchiveRooms:
    """Asks with the archive's own secret. Raises PlatformError subclasses."""

    def __init__(self, client: WecomClient) -> None:
        self._client = client

    async def archived(self) -> int:
        """Members for whom the archive is switched on."""
        answer = await self._client.ask("/cgi-bin/msgaudit/get_permit_user_list", {})
        return len(rows(answer, "ids"))

    async def size(self, room: Opaque) -> int | None:
        """Members of an internal room; None for one that the platform tells nothing of."""
        try:
            answer = await self._client.ask(
                "/cgi-bin/msgaudit/groupchat/get", {"roomid": room.reveal()}
            )
        except (CredentialRefused, RateLimited, Unreachable):
            raise
        except PlatformError:
            return None  # which code it is for an external or dissolved room is written nowhere
        return len(rows(answer, "members")) or None
