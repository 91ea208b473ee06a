"""The organisation's address book: departments and who is in them, by the calls that give ids only."""

from __future__ import annotations

from bot.domain.departments import ContactBook
from bot.domain.private import Opaque
from bot.platforms.dingtalk.client import DingtalkClient
from bot.platforms.dingtalk.untrusted import object_of
from bot.platforms.dingtalk.wire import PLATFORM

ROOT = "1"
MOST_DEPARTMENTS = 20_000


class DingtalkContacts:
    """handlers.ports.Contacts. These calls are not charged to the month's quota (sheet 6.2)."""

    platform = PLATFORM

    def __init__(self, client: DingtalkClient, account: str) -> None:
        self.account = account
        self._client = client

    async def read(self) -> ContactBook:
        """See handlers.ports.Contacts; two calls for each department."""
        parents: dict[str, str] = {}
        members: dict[str, tuple[Opaque, ...]] = {}
        waiting = [ROOT]
        while waiting and len(members) < MOST_DEPARTMENTS:
            department = waiting.pop()
            members[department] = await self._members(department)
            for below in await self._below(department):
                if below not in parents and below != ROOT:
                    parents[below] = department
                    waiting.append(below)
        return ContactBook(parents, members)

    async def _members(self, department: str) -> tuple[Opaque, ...]:
        answer = await self._client.ask("/topapi/user/listid", {"dept_id": int(department)})
        listed = object_of(answer, "result").get("userid_list")
        ids = listed if isinstance(listed, list) else []
        return tuple(Opaque(each) for each in ids if isinstance(each, str))

    async def _below(self, department: str) -> list[str]:
        path = "/topapi/v2/department/listsubid"
        answer = await self._client.ask(path, {"dept_id": int(department)})
        listed = object_of(answer, "result").get("dept_id_list")
        numbers = listed if isinstance(listed, list) else []
        return [str(each) for each in numbers if isinstance(each, int)]
