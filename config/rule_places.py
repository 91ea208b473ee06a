"""Where in a rule file a field stands: TOML's reader keeps no lines, a person needs one."""

from __future__ import annotations

import re

_RULE = re.compile(r"\s*\[\[\s*rule\s*\]\]")
_NUMBERED = re.compile(r"rule (\d+)\.?(.*)")
_AT_LINE = re.compile(r"at line (\d+)")


def line_of(raw: bytes, field: str) -> int | None:
    """The line, from 1, of a field as `BadRulebook` names it; None where it is not there.

    Of a field that is missing it is the line its rule begins at.
    """
    lines = raw.decode("utf-8", "replace").splitlines()
    starts = [number for number, line in enumerate(lines) if _RULE.match(line)]
    if numbered := _NUMBERED.fullmatch(field):
        place = int(numbered[1]) - 1
        return _within(lines, starts, place, numbered[2])
    for place, start in enumerate(starts):
        end = starts[place + 1] if place + 1 < len(starts) else len(lines)
        name = next(
            (found[1] for line in lines[start:end] if (found := _ID.match(line)) is not None), None
        )
        if name is not None and (field == name or field.startswith(f"{name}.")):
            return _within(lines, starts, place, field.removeprefix(name).strip("."))
    head = lines[: starts[0]] if starts else lines
    return next((n for n, line in enumerate(head, 1) if _is_key(line, field)), None)


def line_in(error: str) -> int | None:
    """The line that TOML's reader names in its complaint."""
    found = _AT_LINE.search(error)
    return int(found[1]) if found else None


_ID = re.compile(r"\s*id\s*=\s*[\"']([^\"']*)[\"']")


def _within(lines: list[str], starts: list[int], place: int, path: str) -> int | None:
    if place >= len(starts):
        return None
    start = starts[place]
    end = starts[place + 1] if place + 1 < len(starts) else len(lines)
    for key in reversed(path.split(".") if path else []):
        for number in range(start, end):
            if _is_key(lines[number], key):
                return number + 1
    return start + 1


def _is_key(line: str, key: str) -> bool:
    return re.match(rf"\s*\[?(?:rule\.)?{re.escape(key)}\s*(?:=|\])", line) is not None
