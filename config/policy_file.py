"""The policy file → limits; what cannot be understood is refused with its field."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TypeVar

from bot.domain.errors import BadPolicy
from bot.domain.filing_checks import YEARLY, YearlyCap
from bot.domain.group_scale import Band
from bot.domain.limits import (
    EVERYBODY,
    USUAL_ACTIONS,
    WARN_AT,
    Action,
    Days,
    Ground,
    Limit,
    Scope,
    Window,
)
from bot.domain.registers import Sort
from bot.domain.vocabulary import Measure
from config.load import LOCALES, load_texts, packaged

_FIELDS = (
    "measure",
    "scope",
    "window",
    "at_most",
    "ground",
    "basis",
    "basis_text",
    "only",
    "warn_at",
    "days",
    "actions",
)
_HIGHEST = 1_000_000

_Word = TypeVar("_Word", bound=StrEnum)


_TABLES = ("warn_at", "limit", "group_scale", "yearly")


@dataclass(frozen=True, slots=True)
class Policy:
    """What an office decides in its policy file."""

    limits: tuple[Limit, ...]
    group_scale: tuple[Band, ...]
    yearly: tuple[YearlyCap, ...]


def load_limits(path: Path | None = None) -> tuple[Limit, ...]:
    """The limits of a policy file; see `load_policy`."""
    return load_policy(path).limits


def load_policy(path: Path | None = None) -> Policy:
    """A policy file, in its order; the packaged one where no path is given.

    An operator's file takes the place of the packaged one whole. Raises BadPolicy that names
    file, field and what was expected; a file is used whole or not at all.
    """
    source: Traversable | Path = path or packaged("policy", "limits.toml")
    table = _read(source)
    for name in table:
        if name not in _TABLES:
            raise BadPolicy(source.name, name, "expected.one_of", known=", ".join(_TABLES))
    usual = _share(source.name, "warn_at", table.get("warn_at", WARN_AT))
    rows = table.get("limit")
    if not isinstance(rows, list) or not rows:
        raise BadPolicy(source.name, "limit", "expected.limit")
    sentences = load_texts(LOCALES[0]).keys()
    limits: dict[str, Limit] = {}
    for place, row in enumerate(rows, start=1):
        limit = _limit(source.name, f"limit {place}", row, usual, sentences)
        if limit.id in limits:
            raise BadPolicy(source.name, f"limit {place}", "expected.one_limit", limit=limit.id)
        limits[limit.id] = limit
    return Policy(
        tuple(limits.values()),
        tuple(
            _band(source.name, f"group_scale {place}", row)
            for place, row in enumerate(_rows(source.name, "group_scale", table), start=1)
        ),
        tuple(
            _cap(source.name, f"yearly {place}", row)
            for place, row in enumerate(_rows(source.name, "yearly", table), start=1)
        ),
    )


def _rows(file: str, name: str, table: Mapping[str, object]) -> list[Mapping[str, object]]:
    rows = table.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise BadPolicy(file, name, "expected.tables", name=name)
    return rows


def _band(file: str, where: str, row: Mapping[str, object]) -> Band:
    _refuse_others(file, where, row, ("staff", "level", "at_most"))
    level = row.get("level", "")
    if level not in ("", "township", "village") or (level and "staff" in row):
        raise BadPolicy(file, f"{where}.level", "expected.level")
    staff = _number(file, f"{where}.staff", row.get("staff", 0))
    return Band(_number(file, f"{where}.at_most", row.get("at_most")), staff, str(level))


def _cap(file: str, where: str, row: Mapping[str, object]) -> YearlyCap:
    _refuse_others(file, where, row, ("sort", "at_most"))
    sort = _word(file, f"{where}.sort", Sort, row.get("sort"))
    if sort not in YEARLY:
        raise BadPolicy(file, f"{where}.sort", "expected.one_of", known=", ".join(YEARLY))
    return YearlyCap(sort, _number(file, f"{where}.at_most", row.get("at_most")))


def _refuse_others(
    file: str, where: str, row: Mapping[str, object], known: tuple[str, ...]
) -> None:
    for name in row:
        if name not in known:
            raise BadPolicy(file, f"{where}.{name}", "expected.one_of", known=", ".join(known))


def _read(source: Traversable | Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(source.read_text("utf-8"))
    except OSError:
        raise BadPolicy(source.name, "file", "expected.can_be_read") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadPolicy(source.name, "file", "expected.utf8_toml", error=error) from None


def _limit(file: str, where: str, row: object, usual: float, sentences: frozenset[str]) -> Limit:
    if not isinstance(row, Mapping):
        raise BadPolicy(file, "limit", "expected.tables", name="limit")
    for name in row:
        if name not in _FIELDS:
            raise BadPolicy(file, f"{where}.{name}", "expected.one_of", known=", ".join(_FIELDS))
    scope = _word(file, f"{where}.scope", Scope, row.get("scope"))
    only = row.get("only", EVERYBODY)
    if not isinstance(only, str) or (only and scope is Scope.ALL):
        raise BadPolicy(file, f"{where}.only", "expected.whose_code")
    basis, basis_text = _basis(file, where, row, sentences)
    return Limit(
        measure=_word(file, f"{where}.measure", Measure, row.get("measure")),
        scope=scope,
        window=_word(file, f"{where}.window", Window, row.get("window")),
        at_most=_number(file, f"{where}.at_most", row.get("at_most")),
        ground=_word(file, f"{where}.ground", Ground, row.get("ground")),
        basis=basis,
        basis_text=basis_text,
        only=only,
        warn_at=_share(file, f"{where}.warn_at", row.get("warn_at", usual)),
        days=_word(file, f"{where}.days", Days, row.get("days", Days.CALENDAR.value)),
        actions=_actions(file, f"{where}.actions", row.get("actions")),
    )


def _actions(file: str, field: str, value: object) -> frozenset[Action]:
    if value is None:
        return USUAL_ACTIONS
    if not isinstance(value, list):
        raise BadPolicy(file, field, "expected.list_of", known=", ".join(Action))
    return frozenset(_word(file, field, Action, each) for each in value)


def _word(file: str, field: str, words: type[_Word], value: object) -> _Word:
    if isinstance(value, str) and value in words._value2member_map_:
        return words(value)
    raise BadPolicy(file, field, "expected.one_of", known=", ".join(words))


def _number(file: str, field: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _HIGHEST:
        raise BadPolicy(file, field, "expected.from_zero")
    return value


def _share(file: str, field: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
        raise BadPolicy(file, field, "expected.share")
    return float(value)


def _basis(
    file: str, where: str, row: Mapping[str, object], sentences: frozenset[str]
) -> tuple[str, str]:
    name, words = row.get("basis", ""), row.get("basis_text", "")
    if not isinstance(words, str):
        raise BadPolicy(file, f"{where}.basis_text", "expected.own_sentence")
    if not isinstance(name, str) or (name and f"limits.basis.{name}" not in sentences):
        raise BadPolicy(file, f"{where}.basis", "expected.basis_name")
    if bool(name) == bool(words.strip()):
        raise BadPolicy(file, f"{where}.basis", "expected.basis_one")
    return name, words.strip()
