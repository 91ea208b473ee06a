"""/帮助: what can be asked."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.commands import CommandTable
from bot.domain.messages import Reply
from bot.domain.texts import Texts
from handlers.commands.asked import Asked


@dataclass(frozen=True, slots=True)
class Help:
    """Lists every command of the table that has a line in the texts."""

    table: CommandTable
    texts: Texts
    office: str

    async def __call__(self, asked: Asked) -> Reply:
        """One line for each command, its first word in the reader's language."""
        texts = self.texts
        place = 0 if texts.locale.startswith("zh") else -1
        lines = []
        for spec in self.table.specs:
            if f"commands.help.{spec.name}" not in texts:
                continue
            words = [
                word for word in spec.words if word.isascii() == bool(place) and len(word) > 1
            ]
            lines.append(
                texts(
                    "commands.help.line",
                    word=words[0],
                    what=texts(f"commands.help.{spec.name}"),
                )
            )
        return Reply(
            "\n".join(
                [
                    f"**{texts('commands.help.title')}**",
                    "",
                    texts("commands.help.intro", office=self.office),
                    "",
                    *lines,
                    "",
                    texts("commands.help.foot"),
                ]
            )
        )
