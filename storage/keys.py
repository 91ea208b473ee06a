"""The weekly keys, each in a file of its own and never in the database (DESIGN 12.4, 12.5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from bot.domain.periods import Week
from bot.domain.pseudonyms import KEY_BYTES, WeekKey
from storage.key_files import KeyFolder

SKETCH_WEEKS = 4  # 28 days: the week's own and the three before it
_TAGS = "tags"
_SKETCH = "sketch"


class FileKeyring:
    """The Keyring port on a folder. A key that was asked for stays in RAM until it is destroyed.

    A closed week has no key any more: whoever asks for one gets a passing one that is never
    written, since nothing of a closed week is recorded under it.
    """

    def __init__(
        self,
        folder: Path,
        token_bytes: Callable[[int], bytes],
        closed: Iterable[Week] = (),
    ) -> None:
        self._files = KeyFolder(folder, token_bytes)
        self._token_bytes = token_bytes
        self._tags: dict[Week, WeekKey] = {}
        self._sketches: dict[Week, WeekKey] = {}
        self._live: dict[Week, tuple[WeekKey, ...]] = {}
        self._closed: set[Week] = set()
        for week in closed:
            self._close(week)

    def tags(self, week: Week) -> WeekKey:
        """See handlers.ports.Keyring. Raises UnsafeStore for a damaged or readable file."""
        key = self._tags.get(week)
        if key is None:
            if week in self._closed:
                key = WeekKey(week, self._token_bytes(KEY_BYTES))
            else:
                key = self._kept(week, _TAGS)
            self._tags[week] = key
        return key

    def sketches(self, week: Week) -> tuple[WeekKey, ...]:
        """See handlers.ports.Keyring."""
        live = self._live.get(week)
        if live is None:
            own = self._sketch(week, make=True)
            earlier = (
                self._sketch(week.shifted(-back), make=False) for back in range(1, SKETCH_WEEKS)
            )
            live = self._live[week] = tuple(key for key in (own, *earlier) if key is not None)
        return live

    def destroy(self, week: Week) -> None:
        """See handlers.ports.Keyring. Doing it again does no harm."""
        self._close(week)
        self._drop_sketches(week.shifted(1 - SKETCH_WEEKS))

    def destroy_leftovers(self, closed: Sequence[Week]) -> None:
        """See handlers.ports.Keyring. Costs a look into the folder when nothing is left."""
        names, in_memory = set(self._files.names()), self._tags.keys() - self._closed
        for week in closed:
            if week in in_memory or _name(week, _TAGS) in names:
                self._close(week)
        if closed:
            self._drop_sketches(max(closed).shifted(1 - SKETCH_WEEKS))

    def holds_tags(self, week: Week) -> bool:
        """Whether the week's tag key is there; asking makes none."""
        return _name(week, _TAGS) in self._files.names()

    def _close(self, week: Week) -> None:
        self._closed.add(week)
        self._tags.pop(week, None)
        self._files.destroy(_name(week, _TAGS))

    def _drop_sketches(self, oldest: Week) -> None:
        """Destroy those made before `oldest`."""
        for name in self._files.names():
            made, purpose = _parsed(name)
            if purpose == _SKETCH and made is not None and made < oldest:
                self._files.destroy(name)
        self._sketches = {made: key for made, key in self._sketches.items() if made >= oldest}
        self._live.clear()

    def _sketch(self, week: Week, *, make: bool) -> WeekKey | None:
        key = self._sketches.get(week)
        if key is None:
            secret = self._files.read(_name(week, _SKETCH))
            if secret is None:
                if not make:
                    return None
                secret = self._files.make(_name(week, _SKETCH))
            key = self._sketches[week] = WeekKey(week, secret)
        return key

    def _kept(self, week: Week, purpose: str) -> WeekKey:
        name = _name(week, purpose)
        return WeekKey(week, self._files.read(name) or self._files.make(name))


def _name(week: Week, purpose: str) -> str:
    return f"{week}.{purpose}"


def _parsed(name: str) -> tuple[Week | None, str]:
    label, _, purpose = name.partition(".")
    try:
        return Week.parse(label), purpose
    except ValueError:
        return None, purpose
