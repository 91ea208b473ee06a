"""A digest as JSON, byte for byte the same every time, and back again."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

import orjson

from bot.domain.digest import Digest
from bot.domain.digest_figures import DigestFigures
from bot.domain.documents import (
    Bars,
    Bullets,
    Figures,
    Heat,
    Note,
    Paragraph,
    Strip,
    Table,
)
from bot.domain.errors import BadInput
from bot.domain.later_fields import ABSENT_WHEN_DEFAULT
from bot.domain.periods import Week
from bot.domain.published_closing import PublishedClosing

FORMAT = "qingzhuang-digest/1"
CLOSING_FORMAT = "qingzhuang-closing/2"

_BLOCKS: dict[str, type] = {
    "bars": Bars,
    "bullets": Bullets,
    "figures": Figures,
    "heat": Heat,
    "note": Note,
    "paragraph": Paragraph,
    "strip": Strip,
    "table": Table,
}
_BLOCK_NAMES = {kind: name for name, kind in _BLOCKS.items()}
_T = TypeVar("_T")


def encode_digest(digest: Digest) -> bytes:
    """UTF-8, keys sorted, a newline at the end; equal digests give equal bytes."""
    held = {"format": FORMAT, **_plain_fields(digest)}
    return _indented_by_one(orjson.dumps(held, option=_WRITTEN)) + b"\n"


def encode_closing(closing: PublishedClosing) -> bytes:
    """A month's or a quarter's sums with their document, in the same way as a digest."""
    held = {"format": CLOSING_FORMAT, **_plain_fields(closing)}
    return _indented_by_one(orjson.dumps(held, option=_WRITTEN)) + b"\n"


_WRITTEN = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS


def _indented_by_one(written: bytes) -> bytes:
    # The writer knows only an indent of two; a line break within a string is written as \\n.
    # Line by line takes half as long as replacing level by level: 0.4 s of a province's 21 MB.
    lines = written.split(b"\n")
    return b"\n".join([line[(len(line) - len(line.lstrip(b" "))) // 2 :] for line in lines])


def decode_digest(stored: bytes) -> Digest:
    """What `encode_digest` wrote. BadInput names the field that is not as expected."""
    return _built(Digest, _held(stored), "digest")


def decode_closing(stored: bytes) -> PublishedClosing:
    """What `encode_closing` wrote. BadInput names the field that is not as expected."""
    return _built(PublishedClosing, _held(stored, CLOSING_FORMAT), "closing")


def decode_figures(stored: bytes) -> DigestFigures:
    """The figures alone, for the next digest's comparisons: a province's document is long."""
    return _built(DigestFigures, _held(stored).get("figures"), "digest.figures")


def _held(stored: bytes, form: str = FORMAT) -> dict[str, object]:
    try:
        held = orjson.loads(stored)
    except ValueError:
        raise BadInput("digest", "file", "expected.json") from None
    if not isinstance(held, dict) or held.pop("format", None) != form:
        raise BadInput("digest", "format", "expected.format", format=form)
    return held


@cache
def _is_dataclass(kind: Any) -> bool:
    return is_dataclass(kind)


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(part.name for part in fields(kind))


@cache
def _absent(kind: Any) -> Mapping[str, object]:
    """Fields that are left out as long as they hold what they hold by default."""
    return {
        part.name: part.default for part in fields(kind) if ABSENT_WHEN_DEFAULT in part.metadata
    }


def _plain_fields(value: Any) -> dict[str, object]:
    kind = cast("Hashable", type(value))
    held = {
        name: part if type(part := getattr(value, name)) in _ATOMS else plain(part)
        for name in _names(kind)
    }
    for name, default in _absent(kind).items():
        if getattr(value, name) == default:
            del held[name]
    return held


_ATOMS = frozenset({str, int, float, bool, type(None)})


def plain(value: object) -> Any:
    """Blocks, figures and what they are made of as JSON takes them; a block says its name."""
    kind = type(value)
    if kind in _ATOMS:  # most are
        return value
    if isinstance(value, (tuple, list)):
        return [item if type(item) in _ATOMS else plain(item) for item in value]
    if isinstance(value, Enum):
        return value  # as its value
    if isinstance(value, Week):
        return str(value)
    if _is_dataclass(cast("Hashable", kind)):
        block = _BLOCK_NAMES.get(type(value))
        return _plain_fields(value) | ({"block": block} if block else {})
    if isinstance(value, Mapping):
        return {
            str(key): item if type(item) is int else plain(item) for key, item in value.items()
        }
    return value


def _built(kind: type[_T], held: object, where: str) -> _T:
    """A dataclass from its fields; nothing unknown, and missing only what came later.

    A field that a digest of an earlier version has not got has a default.
    """
    if not isinstance(held, dict):
        raise BadInput(where, "object", "expected.fields_of", kind=kind.__name__)
    hints = _hints(cast("Hashable", kind))
    odd = (held.keys() - hints.keys()) | (_required(cast("Hashable", kind)) - held.keys())
    if odd:
        raise BadInput(
            where, min(map(str, odd)), "expected.exactly", fields=", ".join(sorted(hints))
        )
    try:
        return kind(**{n: _value(hints[n], held[n], f"{where}.{n}") for n in held})
    except ValueError as error:
        raise BadInput(where, kind.__name__, "expected.consistent", error=error) from None


@cache
def _hints(kind: Any) -> dict[str, Any]:
    """The types of a dataclass's fields, worked out once: a province has many items."""
    hints = get_type_hints(kind)
    return {part.name: hints[part.name] for part in fields(kind)}


@cache
def _required(kind: Any) -> frozenset[str]:
    return frozenset(
        part.name
        for part in fields(kind)
        if part.default is MISSING and part.default_factory is MISSING
    )


def _value(hint: Any, held: Any, where: str) -> object:
    origin, parts = get_origin(hint), get_args(hint)
    if origin is tuple:
        if not isinstance(held, list):
            raise BadInput(where, "value", "expected.a_list")
        return tuple(_value(parts[0], item, f"{where}[{n}]") for n, item in enumerate(held))
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(held, dict):
            raise BadInput(where, "value", "expected.an_object")
        return {key: _value(parts[1], item, f"{where}.{key}") for key, item in held.items()}
    if isinstance(hint, UnionType):
        return _one_of(parts, held, where)
    return _single(hint, held, where)


def _one_of(kinds: tuple[Any, ...], held: Any, where: str) -> object:
    if type(held) in _ATOMS and type(held) in kinds:
        return held
    if Paragraph not in kinds:
        return _value(next(kind for kind in kinds if kind is not type(None)), held, where)
    if not isinstance(held, dict) or held.get("block") not in _BLOCKS:
        raise BadInput(where, "block", "expected.one_of", known=", ".join(_BLOCKS))
    rest = {name: item for name, item in held.items() if name != "block"}
    return _built(_BLOCKS[held["block"]], rest, where)


def _single(kind: Any, held: Any, where: str) -> object:
    if kind is Week:
        try:
            return Week.parse(held if isinstance(held, str) else "")
        except ValueError:
            raise BadInput(where, "week", "expected.week") from None
    if kind is date:
        try:
            return date.fromisoformat(held if isinstance(held, str) else "")
        except ValueError:
            raise BadInput(where, "date", "expected.day") from None
    if is_dataclass(kind) and isinstance(kind, type):
        return _built(kind, held, where)
    if issubclass(kind, Enum):
        try:
            return kind(held)
        except ValueError:
            raise BadInput(
                where, "value", "expected.one_of", known=", ".join(m.value for m in kind)
            ) from None
    if kind is float and type(held) is int:
        return float(held)
    if type(held) is not kind:
        raise BadInput(where, "value", "expected.of_kind", kind=kind.__name__)
    return held
