"""The cues file → PrivateCues; what cannot be used is refused with its field."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from importlib.resources.abc import Traversable
from pathlib import Path

from bot.domain.errors import BadPolicy
from bot.domain.private_hearing import CueGroup, PrivateCues
from config.load import packaged

_FIELDS = frozenset({"weight", "patterns", "rules", "kinds", "grievance", "demand"})


def load_private_cues(path: Path | None = None) -> PrivateCues:
    """How direct messages are told apart. Raises BadPolicy with file, field and expectation."""
    source: Traversable | Path = path or packaged("policy", "complaint_cues.toml")
    try:
        table = tomllib.loads(source.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadPolicy(source.name, "file", "expected.utf8_toml", error=error) from None
    enough, weights = table.get("enough"), table.get("weights")
    if not isinstance(enough, int) or enough < 1:
        raise BadPolicy(source.name, "enough", "expected.from_one")
    if not isinstance(weights, Mapping) or not weights:
        raise BadPolicy(source.name, "weights", "expected.weights")
    return PrivateCues(
        enough=enough,
        accuses=_patterns(source.name, "accuses", table.get("accuses", [])),
        persons=_patterns(source.name, "persons", table.get("persons", [])),
        ourselves=_patterns(source.name, "ourselves", table.get("ourselves", [])),
        groups=tuple(_group(source.name, name, row) for name, row in weights.items()),
    )


def _group(file: str, name: str, row: object) -> CueGroup:
    field = f"weights.{name}"
    if not isinstance(row, Mapping) or not isinstance(row.get("weight"), int):
        raise BadPolicy(file, field, "expected.weight")
    if unknown := set(row) - _FIELDS:
        raise BadPolicy(
            file, f"{field}.{min(unknown)}", "expected.one_of", known=", ".join(sorted(_FIELDS))
        )
    rules = row.get("rules", [])
    if not isinstance(rules, list) or not all(isinstance(rule, str) for rule in rules):
        raise BadPolicy(file, f"{field}.rules", "expected.rule_ids")
    return CueGroup(
        name=name,
        weight=row["weight"],
        patterns=_patterns(file, f"{field}.patterns", row.get("patterns", [])),
        rules=frozenset(rules),
        kinds=row.get("kinds") is True,
        is_grievance=row.get("grievance") is True,
        is_demand=row.get("demand") is True,
    )


def _patterns(file: str, field: str, written: object) -> tuple[re.Pattern[str], ...]:
    if not isinstance(written, list):
        raise BadPolicy(file, field, "expected.patterns")
    made = []
    for place, pattern in enumerate(written, start=1):
        try:
            made.append(re.compile(str(pattern)))
        except re.error as error:
            raise BadPolicy(file, f"{field} {place}", "expected.regex", error=error) from None
    return tuple(made)
