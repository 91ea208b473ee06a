"""Transcripts into the books: the same counting as live, in long strides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from bot.domain.groups import GroupCode, GroupProfile
from bot.domain.messages import IncomingMessage
from handlers.count_messages import Counted, CountMessages
from handlers.ports import RegistryWriter

STRIDE = 1000
PLATFORM = "transcript"


@dataclass(slots=True)
class Imported:
    """What an import did."""

    outcomes: Counter[Counted] = field(default_factory=Counter)
    registered: int = 0

    @property
    def messages(self) -> int:
        """How many messages were read."""
        return self.outcomes.total()


@dataclass(frozen=True, slots=True)
class ImportTranscripts:
    """Enters transcripts; running it again adds nothing.

    A group that a header describes and nobody registered is registered as the header says; a
    registered one is left as the office entered it.
    """

    count: CountMessages
    registry: RegistryWriter

    async def __call__(
        self,
        items: Iterable[GroupProfile | IncomingMessage],
        tell: Callable[[int], None] = lambda _: None,
    ) -> Imported:
        """Enter `items` in their order; `tell` hears how many messages were read so far."""
        done = Imported()
        for groups, messages in _strides(items, STRIDE):
            done.registered += await self._register(groups)
            done.outcomes.update(await self.count.many(messages))
            tell(done.messages)
        return done

    async def _register(self, groups: Sequence[GroupProfile]) -> int:
        new: dict[GroupCode, GroupProfile] = {}
        for group in groups:
            if self.registry.group(group.code) is None:
                new.setdefault(group.code, group)
        if new:
            await self.registry.put_heard(list(new.values()), PLATFORM, PLATFORM)
        return len(new)


def _strides(
    items: Iterable[GroupProfile | IncomingMessage], length: int
) -> Iterator[tuple[list[GroupProfile], list[IncomingMessage]]]:
    """Runs of at most `length` messages, with the groups whose headers stand among them.

    A header comes before its group's messages, so that all of a run's may be registered first.
    """
    groups: list[GroupProfile] = []
    messages: list[IncomingMessage] = []
    for item in items:
        if isinstance(item, GroupProfile):
            groups.append(item)
            continue
        messages.append(item)
        if len(messages) == length:
            yield groups, messages
            groups, messages = [], []
    if groups or messages:
        yield groups, messages
