"""What every section of the settings is made of."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from bot.domain.errors import NotAsExpected


class Part(BaseModel):
    """A group of settings: frozen, and a misspelt name is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class WrongTogether(NotAsExpected):
    """What goes wrong between two settings is found above them, so it names one itself."""

    def __init__(self, setting: str, expected: str) -> None:
        super().__init__(expected)
        self.setting = setting

    def __str__(self) -> str:
        return f"{self.setting}: {self.expected}"
