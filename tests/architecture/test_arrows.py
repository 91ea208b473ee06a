"""The arrows of the house run one way."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = ("bot", "handlers", "storage", "config")

# What a room may import of ours. The longest matching name decides.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "bot.domain": ("bot.domain",),
    "bot.crypto": (
        "bot.domain",
        "bot.crypto",
        "handlers.complaints.ports",
        "handlers.closing_ports",
        "handlers.proof_ports",
    ),
    "bot.solver": ("bot.domain", "bot.solver"),
    "bot.office": ("bot.domain", "bot.crypto", "bot.office"),
    "bot.renderings": ("bot.domain", "bot.renderings"),
    "bot.platforms": ("bot.domain", "bot.platforms", "handlers.ports"),
    "bot.platforms.wecom": (
        "bot.domain",
        "bot.platforms.backoff",
        "bot.platforms.base",
        "bot.platforms.door",
        "bot.platforms.forwarded",
        "bot.platforms.hooks",
        "bot.platforms.splitting",
        "bot.platforms.wecom",
        "handlers.ports",
    ),
    "bot.platforms.dingtalk": (
        "bot.domain",
        "bot.platforms.backoff",
        "bot.platforms.base",
        "bot.platforms.door",
        "bot.platforms.forwarded",
        "bot.platforms.hooks",
        "bot.platforms.splitting",
        "bot.platforms.dingtalk",
        "handlers.ports",
    ),
    # 专有钉钉 speaks the public robot's body and markdown.
    "bot.platforms.zwdd": (
        "bot.domain",
        "bot.platforms.backoff",
        "bot.platforms.base",
        "bot.platforms.door",
        "bot.platforms.hooks",
        "bot.platforms.splitting",
        "bot.platforms.dingtalk",
        "bot.platforms.zwdd",
        "handlers.ports",
    ),
    "bot.standins": (
        "bot.platforms.zwdd.signing",
        "bot.domain",
        "bot.standins",
        "bot.platforms.wecom.crypto",
        "bot.platforms.dingtalk.signing",
        "bot.platforms.wecom.archive",
        "bot.listening",
    ),
    "bot.routing": ("bot.domain", "handlers"),
    "bot.routes": ("bot.domain",),
    "bot.clicking": ("bot.domain", "bot.routing", "handlers"),
    "bot.clock": (),
    "bot.logs": ("bot.scrubbing",),
    "bot.scrubbing": (),
    "bot.hardening": (),
    "bot.listening": (),
    "bot.metrics": (),
    "bot.schedule": (),
    "bot.intake": (
        "bot.clicking",
        "bot.domain",
        "bot.logs",
        "bot.metrics",
        "bot.routing",
        "bot.platforms.backoff",
        "bot.platforms.base",
        "handlers",
    ),
    "bot.app": OURS,
    "bot.cli": OURS,
    "bot.terminal": OURS,
    "bot.counting": OURS,
    "bot.conversing": OURS,
    "bot.wiring": OURS,
    "bot.demo": OURS,
    "bot.__main__": ("bot.cli",),
    "handlers": ("bot.domain", "handlers"),
    "storage": (
        "bot.domain",
        "storage",
        "handlers.ports",
        "handlers.limit_ports",
        "handlers.closing_ports",
        "handlers.proof_ports",
        "handlers.complaints.ports",
    ),
    "config": ("bot.domain", "config"),
    "config.model": OURS,  # a developer's tool; nothing imports it
}

# Each library has its own door.
DOORS: dict[str, tuple[str, ...]] = {
    "aiohttp": (
        "bot.app",
        "bot.listening",
        "bot.wiring",
        "bot.platforms",
        "bot.standins",
        "bot.demo",
    ),
    "sqlalchemy": ("storage",),
    "aiosqlite": ("storage",),
    "alembic": ("storage",),
    "apscheduler": ("bot.schedule",),
    "pydantic_settings": ("config",),
    "typer": ("bot.cli", "bot.terminal"),
    "docx": ("bot.renderings.word_file",),
    "typst": ("bot.renderings.typeset",),
    "xlsxwriter": ("bot.renderings.workbook",),
    "nacl": ("bot.crypto",),
    "highspy": ("bot.solver",),
    "numpy": ("bot.solver", "config.model"),
    "Crypto": ("bot.crypto.shares",),
}

# The domain computes; it never looks at the world.
NOT_IN_DOMAIN = {
    "asyncio",
    "logging",
    "random",
    "secrets",
    "socket",
    "os",
    "pathlib",
    "subprocess",
    "threading",
    "time",
    "urllib",
    "http",
    "sqlite3",
    "requests",
}


def modules() -> list[tuple[str, Path]]:
    found = []
    for top in OURS:
        for path in sorted((ROOT / top).rglob("*.py")):
            parts = list(path.relative_to(ROOT).with_suffix("").parts)
            if parts[-1] == "__init__":
                parts.pop()
            found.append((".".join(parts), path))
    return found


def imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: say the whole name of what you import"
            names.add(node.module or "")
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def below(name: str, rooms: tuple[str, ...]) -> bool:
    return any(name == room or name.startswith(room + ".") for room in rooms)


def allowed(module: str) -> tuple[str, ...]:
    rooms = [room for room in MAY_IMPORT if below(module, (room,))]
    return MAY_IMPORT[max(rooms, key=len)] if rooms else ()


@pytest.mark.parametrize(("module", "path"), modules(), ids=lambda value: str(value))
def test_a_room_imports_only_what_lies_below_it(module: str, path: Path) -> None:
    ours = {name for name in imports(path) if name.split(".")[0] in OURS}

    strays = {
        name
        for name in ours
        if not below(name, allowed(module))
        and name not in OURS  # `from bot import domain`
        and not any(room.startswith(name + ".") for room in allowed(module))
    }

    assert not strays, f"{module} may not import {sorted(strays)}"


@pytest.mark.parametrize(("module", "path"), modules(), ids=lambda value: str(value))
def test_each_library_comes_in_by_its_own_door(module: str, path: Path) -> None:
    tops = {name.split(".")[0] for name in imports(path)}

    for library, doors in DOORS.items():
        assert library not in tops or below(module, doors), f"{module} imports {library}"


@pytest.mark.parametrize(
    ("module", "path"),
    [each for each in modules() if below(each[0], ("bot.domain",))],
    ids=lambda value: str(value),
)
def test_the_domain_never_looks_at_the_world(module: str, path: Path) -> None:
    tops = {name.split(".")[0] for name in imports(path)}

    assert not tops & NOT_IN_DOMAIN


def test_importing_the_whole_domain_loads_no_library_of_the_rim() -> None:
    names = [name for name, _ in modules() if below(name, ("bot.domain",))]
    program = (
        f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n"
        + "\n".join(f"import {name}" for name in names)
        + "\nbad = {'asyncio', 'aiohttp', 'sqlalchemy', 'apscheduler', 'pydantic'} & set(sys.modules)"
        + "\nprint(sorted(bad))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
