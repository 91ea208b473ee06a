"""The corp's address book: departments (page 95350) and who is in them (page 90200); ids only."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.departments import ContactBook
from bot.domain.private import Opaque
from bot.platforms.wecom.client import WecomClient
from bot.platforms.wecom.payload import PLATFORM, field, rows

MOST_DEPARTMENTS = 20_000


class WecomContacts:
    """handlers.ports.Contacts. It sees what lies in the app's visible scope.

    The platform answers with names; they are not read.
    """

    platform = PLATFORM

    def __init__(self, client: WecomClient, account: str) -> None:
        self.account = account
        self._client = client

    async def read(self) -> ContactBook:
        """See handlers.ports.Contacts; one call for each department."""
        listed = await self._client.get("/cgi-bin/department/simplelist", {})
        # The older interface calls the same list by another name.
        found = rows(listed, "department_id") or rows(listed, "department")
        parents = {
            _number(row, "id"): _number(row, "parentid") for row in found if _number(row, "id")
        }
        members: dict[str, tuple[Opaque, ...]] = {}
        for department in list(parents)[:MOST_DEPARTMENTS]:
            answer = await self._client.get(
                "/cgi-bin/user/simplelist", {"department_id": department}
            )
            ids = (field(row, "userid") for row in rows(answer, "userlist"))
            members[department] = tuple(Opaque(each) for each in ids if each)
        return ContactBook(parents, members)


def _number(row: object, name: str) -> str:
    value = row.get(name) if isinstance(row, Mapping) else None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
