"""What every section of the settings is made of."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A group of settings: frozen, and a misspelt name is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
