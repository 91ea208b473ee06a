"""How an entry of a register and a change of a limit are told in one line."""

from __future__ import annotations

from bot.domain.limit_changes import LimitChange
from bot.domain.limits import Limit
from bot.domain.registers import Filing
from bot.domain.texts import Texts


def entry_line(entry: Filing, texts: Texts) -> str:
    """An entry with everything that decides what it legitimises."""
    said = [
        texts(
            "filing.line",
            sort=texts(f"register_commands.sort.{entry.sort}"),
            number=entry.number,
            title=entry.title,
            starts=str(entry.starts),
            ends=str(entry.ends),
        )
    ]
    where = entry.group or entry.unit
    said.append(texts("filing.where", code=where) if where else texts("filing.everywhere"))
    if entry.line:
        said.append(texts("filing.of_line", code=entry.line))
    if entry.kinds:
        kinds = texts("admin.screen.comma").join(
            texts(f"measures.name.{kind}") for kind in entry.kinds
        )
        said.append(kinds)
    if entry.words:
        said.append(texts("filing.words", words=texts("admin.screen.comma").join(entry.words)))
    if entry.quota is not None:
        said.append(texts("filing.quota", quota=entry.quota))
    return texts("filing.comma").join(said)


def change_line(change: LimitChange, texts: Texts) -> str:
    """A proposed change: its number, what it is about, and what is wanted."""
    wanted = (
        texts("admin.limits.off")
        if change.removed
        else texts("admin.limits.to", limit=change.limit.at_most)
    )
    return texts(
        "admin.limits.change",
        number=change.number,
        limit=limit_name(change.limit, texts),
        wanted=wanted,
    )


def limit_name(limit: Limit, texts: Texts) -> str:
    """A limit by its measure, what it holds for, and its window; its id is for typing alone."""
    key = "name_only" if limit.only else "name_of"
    only = {"only": limit.only} if limit.only else {}
    return texts(
        f"admin.limits.{key}",
        measure=texts(f"measures.name.{limit.measure}"),
        scope=texts(f"limits.scope.{limit.scope}"),
        window=texts(f"limits.window.{limit.window}"),
        **only,
    )
