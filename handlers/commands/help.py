"""/帮助: what the asker can ask, here and elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.cards import Card
from bot.domain.commands import CommandSpec, CommandTable
from bot.domain.messages import Reply
from bot.domain.texts import Texts
from handlers.card_words import CardWords
from handlers.commands.asked import Asked
from handlers.commands.permissions import may

IN_PRIVATE = frozenset({"precheck", "digest", "enter", "query", "supplement", "withdraw"})
IN_A_GROUP = frozenset({"status", "bind"})
# As many as a card has room for, of those that the asker may use.
MENU_IN_A_GROUP = ("status", "limits", "register", "calendar", "emergency")
MENU_IN_PRIVATE = ("digest", "dispute", "limits", "register", "emergency", "calendar", "privacy")


@dataclass(frozen=True, slots=True)
class Help:
    """Lists what the asker's roles may use here, and by name what they may use elsewhere."""

    table: CommandTable
    texts: Texts
    office: str

    async def __call__(self, asked: Asked) -> Reply:
        """One line for each command; as a card the first of them, and one that asks for all."""
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
        text = "\n".join(
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
        wants_whole = asked.call.argument.casefold() in texts("admin.verbs.whole").split()
        return Reply(text) if wants_whole else Reply(text, self._menu(usable, in_group=in_group))

    def _menu(self, usable: Sequence[CommandSpec], *, in_group: bool) -> Card:
        wanted = MENU_IN_A_GROUP if in_group else MENU_IN_PRIVATE
        words = {spec.name: self._word(spec) for spec in usable}
        commands = [(name, words[name]) for name in wanted if name in words]
        return CardWords(self.texts).menu(self.texts("commands.help.title"), commands)

    def _word(self, spec: CommandSpec) -> str:
        return self.table.word(spec.name, self.texts.locale)
