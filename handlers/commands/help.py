"""/帮助: what the asker can ask, here and elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.commands import CommandSpec, CommandTable
from bot.domain.messages import Reply
from bot.domain.texts import Texts
from handlers.commands.asked import Asked
from handlers.commands.permissions import may

IN_PRIVATE = frozenset({"precheck", "digest", "enter", "query", "supplement", "withdraw"})
IN_A_GROUP = frozenset({"status", "bind"})


@dataclass(frozen=True, slots=True)
class Help:
    """Lists what the asker's roles may use here, and by name what they may use elsewhere."""

    table: CommandTable
    texts: Texts
    office: str

    async def __call__(self, asked: Asked) -> Reply:
        """One line for each command."""
        texts, in_group = self.texts, asked.message.conversation.is_group
        usable = [one for one in self.table.specs if may(asked.roles, one.name)]
        apart = IN_PRIVATE if in_group else IN_A_GROUP
        lines = [
            texts(
                "commands.help.line",
                word=self._word(spec),
                what=texts(f"commands.help.{spec.name}"),
            )
            for spec in usable
            if spec.name not in apart
        ]
        words = texts("commands.help.comma").join(
            f"/{self._word(spec)}" for spec in usable if spec.name in apart
        )
        elsewhere = texts(f"commands.help.in_{'private' if in_group else 'group'}", words=words)
        return Reply(
            "\n".join(
                [
                    f"**{texts('commands.help.title')}**",
                    "",
                    texts("commands.help.intro", office=self.office),
                    "",
                    *lines,
                    "",
                    texts("commands.help.foot", elsewhere=elsewhere),
                ]
            )
        )

    def _word(self, spec: CommandSpec) -> str:
        """Its first word in the reader's language."""
        wants_ascii = not self.texts.locale.startswith("zh")
        return next(word for word in spec.words if word.isascii() is wants_ascii and len(word) > 1)
