"""group, role: what the office registers."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Container, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from rich.console import Console
from rich.table import Table

from bot.counting import Counting
from bot.domain.errors import BadInput, UserError
from bot.domain.groups import GroupCode, GroupProfile, LineCode, UnitCode
from bot.domain.invites import shown
from bot.domain.mail_addresses import is_mail_address
from bot.domain.private import Opaque
from bot.domain.texts import Texts
from bot.domain.work_calendar import OfficeHours
from bot.terminal.session import counting
from bot.terminal.tables import folding
from bot.wiring.wecom import account_of
from config.settings import Settings
from handlers.bind_chats import InviteChats
from handlers.note_group_events import confirmed, noted
from handlers.ports import Destination, Office, Role
from handlers.tell_notices import is_to_be_told
from storage.registry_view import Binding

DEFAULT_HOURS = "08:30-12:00,14:30-17:30"
# Routes that hear all that is said in a group, by the name that its chat is entered under.
_WHOLE = {"wecom-archive": "wecom", "dingtalk-dws": "dingtalk"}
_GROUP = "group"
_OFFICE_CODE = "office"


async def set_group(
    code: str,
    given: Mapping[str, str | int | None],
    chats: list[str],
    config: Path | None,
    texts: Texts,
) -> int:
    """Register a group, or change what is given of it, and bind its chats."""
    async with counting(config, counts=False) as (settings, house):
        registry = house.store.registry
        profile = _changed(registry.group(GroupCode(code)), code, given, settings)
        # All is read before anything is written.
        bindings = [_chat(chat, settings) for chat in chats]
        await registry.put_group(profile)
        await confirmed(profile.code, house.store.cursors)
        for platform, account, chat_id, everything in bindings:
            await registry.bind(platform, account, chat_id, profile.code, everything)
        if bindings:
            await is_to_be_told(profile.code, house.store.cursors)
    typer.echo(texts("cli.group.saved", code=profile.code, alias=profile.alias))
    return 0


def _changed(
    known: GroupProfile | None,
    code: str,
    given: Mapping[str, str | int | None],
    settings: Settings,
) -> GroupProfile:
    said = {name: value for name, value in given.items() if value is not None}
    if known is None:
        for needed in ("unit", "size"):
            if needed not in said:
                raise BadInput("group set", f"--{needed}", f"cli.options.{needed}")
        known = GroupProfile(
            code=GroupCode(code),
            alias=code,
            unit=UnitCode(""),
            line=LineCode(str(said["unit"])),
            size=1,
            zone=settings.zone,
            hours=_hours(DEFAULT_HOURS),
        )
    return replace(
        known,
        retired=False,
        alias=str(said.get("alias", known.alias)),
        unit=UnitCode(str(said.get("unit", known.unit))),
        line=LineCode(str(said.get("line", known.line))),
        size=int(said.get("size", known.size)),
        zone=_zone(str(said["timezone"])) if "timezone" in said else known.zone,
        hours=_hours(str(said["hours"])) if "hours" in said else known.hours,
    )


def _hours(written: str) -> OfficeHours:
    try:
        return OfficeHours.parse(written)
    except ValueError:
        raise BadInput("group set", "--hours", "cli.error.hours") from None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput("group set", "--timezone", "cli.error.timezone") from None


def _chat(written: str, settings: Settings) -> tuple[str, str, Opaque, bool]:
    platform, colon, chat_id = written.partition(":")
    everything = platform in _WHOLE
    platform = _WHOLE.get(platform, platform)
    if not colon or not chat_id or platform not in _ACCOUNTS:
        raise BadInput("group", "--chat", "cli.error.chat")
    return platform, _account(platform, settings), Opaque(chat_id), everything


# What scopes a platform's ids, and the setting that it comes from.
_ACCOUNTS: dict[str, tuple[str, Callable[[Settings], str]]] = {
    "wecom": ("QZ_WECOM__CORP_ID", lambda s: account_of(s.wecom)),
    "dingtalk": ("QZ_DINGTALK__CLIENT_ID", lambda s: s.dingtalk.client_id),
    "zwdd": ("QZ_ZWDD__APP_KEY", lambda s: s.zwdd.app_key),
    "transcript": ("", lambda _: "transcript"),
}


# Where digests are only handed in, by a name that a setting knows; nobody speaks from there.
_NAMED: dict[str, tuple[str, Callable[[Settings], Container[str]]]] = {
    "wecom-webhook": ("QZ_WECOM__WEBHOOKS", lambda s: s.wecom.webhooks),
    "dingtalk-webhook": ("QZ_DINGTALK__WEBHOOKS", lambda s: s.dingtalk.webhooks),
    "folder": ("QZ_FOLDER__DIRS", lambda s: s.folder.dirs),
}
_MAIL = "mail"


def _account(platform: str, settings: Settings) -> str:
    """Ids are registered under the account: one entered before it is set would fit nothing."""
    setting, of = _ACCOUNTS[platform]
    account = of(settings)
    if not account:
        raise BadInput("settings", setting, "cli.error.account")
    return account


async def list_groups(config: Path | None, texts: Texts) -> int:
    """Registered groups with what the office entered; chats by platform, without their ids."""
    async with counting(config, counts=False) as (_, house):
        groups = house.store.registry.all_groups()
        if not groups:
            typer.echo(texts("cli.group.none"))
            return 0
        table = _table(texts, "code", "alias", "unit", "line", "size", "zone", "chats", "state")
        for group in groups:
            table.add_row(
                group.code,
                group.alias,
                group.unit,
                group.line,
                str(group.size),
                group.zone.key,
                _bound(house, group.code, texts),
                await _state(house, group, texts),
            )
    Console().print(table)
    return 0


async def _state(house: Counting, group: GroupProfile, texts: Texts) -> str:
    state = texts(f"cli.tables.{'retired' if group.retired else 'active'}")
    if house.store.registry.is_gone(group.code):
        state = texts("group_events.gone", state=state)
    for change in sorted(await noted(group.code, house.store.cursors)):
        state = texts(f"group_events.{change}", state=state)
    return state


def _bound(house: Counting, code: GroupCode, texts: Texts) -> str:
    found = house.store.registry.bindings(code)
    return ", ".join(sorted({_chat_word(each, texts) for each in found}))


def _chat_word(bound: Binding, texts: Texts) -> str:
    chat = f"{bound.platform}{'*' if bound.sees_everything else ''}"
    return chat if bound.active else texts("group_events.chat", chat=chat)


async def invite_chat(code: str, hours: int, config: Path | None, texts: Texts) -> int:
    """Print a one-time code; who says it in a group to the bot binds the chat."""
    async with counting(config, counts=False) as (settings, house):
        group = house.store.registry.group(GroupCode(code))
        if group is None or group.retired:
            raise UserError("cli.error.no_group", code=code)
        invite = InviteChats(house.store.invites, house.clock, secrets.token_bytes)
        made, until = await invite(group.code, timedelta(hours=hours))
    written = shown(made)
    local = f"{until.astimezone(settings.zone):%m-%d %H:%M}"
    typer.echo(texts("binding.cli.code", code=written, until=local))
    typer.echo(texts("binding.cli.how", alias=group.alias, code=written))
    typer.echo(texts("binding.cli.both"))
    return 0


async def unbind_chat(chat: str, config: Path | None, texts: Texts) -> int:
    """Forget a chat: its messages are no longer counted, and it may be bound elsewhere."""
    async with counting(config, counts=False) as (settings, house):
        platform, account, chat_id, _ = _chat(chat, settings)
        if not await house.store.registry.unbind(platform, account, chat_id):
            raise UserError("cli.group.not_bound")
    typer.echo(texts("cli.group.unbound"))
    return 0


async def retire_group(code: str, config: Path | None, texts: Texts) -> int:
    """Stop counting a group; its numbers stay."""
    async with counting(config, counts=False) as (_, house):
        registry = house.store.registry
        if registry.group(GroupCode(code)) is None:
            raise UserError("cli.error.no_group", code=code)
        await registry.retire(GroupCode(code))
    typer.echo(texts("cli.group.retired", code=code))
    return 0


async def grant_role(
    role: str, person: str, scope: str, title: str | None, config: Path | None, texts: Texts
) -> int:
    """Grant a role; an office's also gets the digest of the units in its scope."""
    async with counting(config, counts=False) as (settings, house):
        wanted, to = _role(role), _person(person, settings)
        _require_setting(to, settings)
        if wanted is Role.OFFICE:
            await _add_to_office(house, to, scope, title, settings.office.title)
        if not to.is_group:
            today = house.clock.now().astimezone(settings.zone).date()
            for each in scope.split(","):
                await house.store.registry.grant(
                    to.platform, to.account, to.id, wanted, each.strip(), today
                )
    typer.echo(texts("cli.role.granted"))
    return 0


async def _add_to_office(
    house: Counting, to: Destination, scope: str, title: str | None, usual: str
) -> None:
    """An office is whoever answers for the same units; its title stays unless one is given."""
    registry = house.store.registry
    units = () if scope == "*" else tuple(UnitCode(each.strip()) for each in scope.split(","))
    offices = registry.offices()
    office = next((each for each in offices if set(each.units) == set(units)), None)
    if office is None:
        taken = {each.code for each in offices}
        code = next(name for name in _codes() if name not in taken)
        office = Office(code, usual, units, ())
    destinations = tuple(dict.fromkeys((*office.destinations, to)))
    await registry.put_office(
        replace(office, title=title or office.title, destinations=destinations)
    )


def _codes() -> list[str]:
    return [_OFFICE_CODE, *(f"{_OFFICE_CODE}-{number}" for number in range(2, 1000))]


def _role(name: str) -> Role:
    try:
        role = Role(name)
    except ValueError:
        role = Role.MEMBER
    if role is Role.MEMBER:
        raise BadInput("role", "ROLE", "cli.error.role")
    return role


def _person(written: str, settings: Settings) -> Destination:
    """`platform:id`, or `platform:group:id` for a chat that reads the digest."""
    platform, _, rest = written.partition(":")
    if platform in _NAMED or platform == _MAIL:
        return _handed_in(platform, rest)
    kind, colon, inner = rest.partition(":")
    is_group = bool(colon) and kind == _GROUP
    person = inner if is_group else rest
    if not person or platform not in ("wecom", "dingtalk", "zwdd"):
        raise BadInput("role", "PLATFORM:ID", "cli.error.person")
    return Destination(platform, _account(platform, settings), is_group, Opaque(person))


def _handed_in(platform: str, name: str) -> Destination:
    """A webhook or a folder, of which only the name is kept, or a mailbox."""
    if not name:
        raise BadInput("role", "PLATFORM:ID", "cli.error.person")
    if platform == _MAIL and not is_mail_address(name):
        raise BadInput("role", "PLATFORM:ID", "handing_in.address")
    return Destination(platform, platform, True, Opaque(name))


def _require_setting(to: Destination, settings: Settings) -> None:
    """A name that no setting knows would be told nothing."""
    setting, named = _NAMED.get(to.platform, ("", None))
    if named is not None and to.id.reveal() not in named(settings):
        key = "handing_in.no_folder" if to.platform == "folder" else "webhooks.unknown"
        raise BadInput("settings", setting, key)
    if to.platform == _MAIL and not settings.mail.host:
        raise BadInput("settings", "QZ_MAIL__HOST", "handing_in.no_server")


async def revoke_role(role: str, person: str, config: Path | None, texts: Texts) -> int:
    """Take a role back in every scope; an office stops reading there, what waits included."""
    async with counting(config, counts=False) as (settings, house):
        wanted, to = _role(role), _person(person, settings)
        registry = house.store.registry
        held = registry.roles_of(to.platform, to.account, to.id).get(wanted, frozenset())
        scopes = frozenset() if to.is_group else held
        reads = [office for office in registry.offices() if to in office.destinations]
        offices = reads if wanted is Role.OFFICE else []
        if not scopes and not offices:
            raise UserError("cli.role.not_held")
        for scope in scopes:
            await registry.revoke(to.platform, to.account, to.id, wanted, scope)
        for office in offices:
            kept = tuple(each for each in office.destinations if each != to)
            await registry.put_office(replace(office, destinations=kept))
        # Who holds no role any more is told nothing more either.
        if wanted is Role.OFFICE or not registry.roles_of(to.platform, to.account, to.id):
            await house.store.outbox.cancel(to)
    typer.echo(texts("cli.role.revoked"))
    return 0


async def list_roles(config: Path | None, texts: Texts) -> int:
    """Roles as configured: to the operator on this host, who entered the ids."""
    async with counting(config, counts=False) as (_, house):
        grants = house.store.registry.grants()
        if not grants and not house.store.registry.offices():
            typer.echo(texts("cli.role.none"))
            return 0
        table = _table(texts, "role", "person", "scope")
        for each in grants:
            table.add_row(
                _called(each.role, texts), f"{each.platform}:{each.person.reveal()}", each.scope
            )
        for office in house.store.registry.offices():
            for to in office.destinations:
                if to.is_group:
                    is_named = to.platform in _NAMED or to.platform == _MAIL
                    kind = "" if is_named else f"{_GROUP}:"
                    where = f"{to.platform}:{kind}{to.id.reveal()}"
                    table.add_row(
                        _called(Role.OFFICE, texts), where, ",".join(office.units) or "*"
                    )
    Console().print(table)
    return 0


def _called(role: Role, texts: Texts) -> str:
    """A role as it is typed, and what it is called."""
    return texts(f"cli.roles.{role}")


def _table(texts: Texts, *columns: str) -> Table:
    return folding(texts(f"cli.tables.{name}") for name in columns)
