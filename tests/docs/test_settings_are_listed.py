"""Every setting stands in config/example.env with its default, and nothing else does."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import BaseModel

from config.settings import Settings

EXAMPLE = Path(__file__).resolve().parents[2] / "config" / "example.env"


def names(model: type[BaseModel], prefix: str = "QZ_") -> set[str]:
    found: set[str] = set()
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found |= names(kind, f"{prefix}{name.upper()}__")
        else:
            found.add(prefix + name.upper())
    return found


def test_the_example_lists_exactly_the_settings_there_are() -> None:
    listed = set(re.findall(r"^#?(QZ_[A-Z_]+)=", EXAMPLE.read_text("utf-8"), re.MULTILINE))

    assert listed == names(Settings)


def test_the_example_uncommented_gives_the_defaults(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    for line in EXAMPLE.read_text("utf-8").splitlines():
        if line.startswith("#QZ_"):
            name, value = line[1:].split("=", 1)
            if value:
                monkeypatch.setenv(name, value)

    assert Settings() == Settings.model_construct(**Settings.model_construct().__dict__)
