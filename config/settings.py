"""What an operator decides: environment (QZ_…), a TOML file, secret files; environment wins."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import (
    Field,
    ValidationError,
    field_validator,
)
from pydantic_settings import (
    BaseSettings,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from bot.domain.attachments import attached_forms
from bot.domain.errors import BadInput, NotAsExpected
from bot.domain.vocabulary import Measure
from bot.domain.work_calendar import OfficeHours
from config.platform_settings import (
    DingtalkSettings,
    FolderSettings,
    MailSettings,
    WecomSettings,
    ZwddSettings,
)
from config.setting_section import Part, WrongTogether

DEFAULT_FILE = "qingzhuang.toml"
SECRETS_DIR = "QZ_SECRETS_DIR"
"""A folder with a file for each secret, named as the setting: QZ_WECOM__APP__SECRET."""
# What pydantic finds: the sentence of ours, and what pydantic calls that which varies in it.
FAULTS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "extra_forbidden": ("known_setting", {}),
    "missing": ("required", {}),
    "int_parsing": ("integer", {}),
    "int_type": ("integer", {}),
    "int_from_float": ("integer", {}),
    "float_parsing": ("number", {}),
    "float_type": ("number", {}),
    "bool_parsing": ("boolean", {}),
    "bool_type": ("boolean", {}),
    "string_type": ("a_text", {}),
    "greater_than_equal": ("at_least", {"n": "ge"}),
    "less_than_equal": ("at_most", {"n": "le"}),
    "greater_than": ("more_than", {"n": "gt"}),
    "less_than": ("less_than", {"n": "lt"}),
    "model_type": ("dictionary", {"name": "class_name"}),
    "model_attributes_type": ("dictionary", {"name": "class_name"}),
    "dict_type": ("mapping", {}),
    "tuple_type": ("a_list", {}),
    "list_type": ("a_list", {}),
    "string_pattern_mismatch": ("pattern", {"pattern": "pattern"}),
    "literal_error": ("one_of", {"known": "expected"}),
    "enum": ("one_of", {"known": "expected"}),
}


class BadSettings(BadInput):
    """A setting that cannot be used; its value is not repeated, it may be a secret."""


class DatabaseSettings(Part):
    """The books: facts, tallies, registry, outbox."""

    url: str | None = Field(
        default=None,
        description="sqlite+aiosqlite:///… or postgresql+asyncpg://…; default: books.db in the data folder",
    )


class ServerSettings(Part):
    """The HTTP side: callbacks, /healthz /readyz /metrics."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)


class KeySettings(Part):
    """Where weekly key files lie; tmpfs keeps them out of disk images."""

    dir: Path | None = Field(default=None, description="default: keys in the data folder")
    proof_dir: Path | None = Field(
        default=None, description="default: proof-keys in the data folder"
    )


class OutboxSettings(Part):
    """What the bot says on its own account."""

    hints_a_day: int = Field(
        default=2, ge=0, description="unasked messages to a group and day; the rest waits"
    )


LONGEST_WINDOW = 60
"""It stands in a notice that has to fit one screen."""


class ComplaintSettings(Part):
    """Complaints without a sender: a store of their own, the office's public keys, the stick."""

    url: str | None = Field(
        default=None, description="as QZ_DATABASE__URL; default: complaints.db in the data folder"
    )
    office_keys: Path | None = Field(
        default=None, description="folder of office keys; default: complaints/office-keys"
    )
    pepper_dir: Path | None = Field(
        default=None, description="folder of pepper and salt; default: complaints/pepper"
    )
    exchange_dir: Path | None = Field(
        default=None, description="what goes by stick; default: complaints/exchange"
    )
    roster: Path | None = Field(
        default=None,
        description="CSV: name,post; names a conversation is to notice, in memory only",
    )
    window: str = Field(
        default="",
        max_length=LONGEST_WINDOW,
        description="where the local discipline inspectors hear people: name, telephone, address",
    )
    kdf_memory_kib: int = Field(default=64 * 1024, ge=19 * 1024)
    kdf_passes: int = Field(default=3, ge=2)
    gate_seconds: float = Field(
        default=60,
        ge=1,
        le=600,
        description="how long the disclosure check of a week's figures may take; then none are given",
    )


class OfficeSettings(Part):
    """How the digest speaks of the office and of units."""

    title: str = "基层减负专班"
    compiled_by: str = "轻装"
    unit_names: Literal["names", "codes"] = "names"
    targets: dict[Measure, float] = Field(
        default_factory=dict, description="change on the year before in per cent, by measure"
    )
    digest_card: bool = Field(
        default=False,
        description="in private the digest is a card of its headline, with a button for the whole",
    )
    preview_hours: float = Field(
        default=0,
        ge=0,
        le=24 * 14,
        description="the office reads first for so long; 0: it does not",
    )
    preview_ends: Literal["goes", "waits"] = Field(
        default="goes", description="what was not released by then goes, or waits for ever"
    )
    attach: str = Field(
        default="", description="forms in which the digest follows its words as a file: docx,pdf"
    )

    @field_validator("attach")
    @classmethod
    def _known_forms(cls, value: str) -> str:
        attached_forms(value)
        return value


class ScheduleSettings(Part):
    """When to look whether something is due; what is due is in the ledger."""

    tick_seconds: float = Field(default=30.0, gt=0)
    close_grace_hours: float = Field(default=2.0, ge=0, description="after Sunday midnight")
    contacts_hours: float = Field(
        default=24.0, gt=0, description="how often the platforms' address books are read"
    )
    office_hours: str = "08:30-12:00,14:30-17:30"

    @field_validator("office_hours")
    @classmethod
    def _can_be_read(cls, written: str) -> str:
        OfficeHours.parse(written)
        return written


class Settings(BaseSettings):
    """All settings. Built once, by the command line, and passed down."""

    model_config = SettingsConfigDict(
        env_prefix="QZ_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        toml_file=DEFAULT_FILE,
        nested_model_default_partial_update=True,
    )

    data_dir: Path = Path("data")
    timezone: str = "Asia/Shanghai"
    locale: Literal["zh-CN", "en"] = "zh-CN"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    directory: Path | None = Field(
        default=None, description="CSV: platform,account,sender,unit,line"
    )
    policy: Path | None = Field(default=None, description="limits; default: the packaged policy")
    minutes: Path | None = Field(
        default=None, description="table of minutes; default: the packaged one"
    )
    rules: Path | None = Field(
        default=None, description="rulebook folder; default: the packaged one"
    )
    calendars: Path | None = Field(
        default=None, description="years beside or instead of the packaged ones"
    )
    database: DatabaseSettings = DatabaseSettings()
    server: ServerSettings = ServerSettings()
    keys: KeySettings = KeySettings()
    complaints: ComplaintSettings = ComplaintSettings()
    office: OfficeSettings = OfficeSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    outbox: OutboxSettings = OutboxSettings()
    wecom: WecomSettings = WecomSettings()
    dingtalk: DingtalkSettings = DingtalkSettings()
    zwdd: ZwddSettings = ZwddSettings()
    mail: MailSettings = MailSettings()
    folder: FolderSettings = FolderSettings()

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise NotAsExpected("expected.zone") from None
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The office's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def database_url(self) -> str:
        """Where the books are."""
        return self.database.url or f"sqlite+aiosqlite:///{self.data_dir / 'books.db'}"

    @property
    def complaints_url(self) -> str:
        """Where sealed complaints are."""
        return self.complaints.url or f"sqlite+aiosqlite:///{self.data_dir / 'complaints.db'}"

    @property
    def office_key_dir(self) -> Path:
        """Where the offices' public keys are."""
        return self.complaints.office_keys or self.data_dir / "complaints" / "office-keys"

    @property
    def pepper_dir(self) -> Path:
        """Where the pepper is: in no backup of the database."""
        return self.complaints.pepper_dir or self.data_dir / "complaints" / "pepper"

    @property
    def exchange_dir(self) -> Path:
        """Where batches lie for the office's stick."""
        return self.complaints.exchange_dir or self.data_dir / "complaints" / "exchange"

    @property
    def key_dir(self) -> Path:
        """Where the weekly keys are."""
        return self.keys.dir or self.data_dir / "keys"

    @property
    def proof_key_dir(self) -> Path:
        """Where the key is that signs the proof log."""
        return self.keys.proof_dir or self.data_dir / "proof-keys"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, environment, secret files, then the TOML file."""
        return (
            init_settings,
            env_settings,
            NestedSecretsSettingsSource(file_secret_settings),
            TomlConfigSettingsSource(settings_cls),
        )


def load_settings(file: Path | None = None) -> Settings:
    """Settings from environment and `file` (default qingzhuang.toml where it exists).

    Raises BadSettings that names the first setting that is wrong, and what was expected.
    """
    if file is not None and not file.is_file():
        raise BadSettings(str(file), "--config", "expected.toml_exists")
    toml = str(file or DEFAULT_FILE)
    secrets = os.environ.get(SECRETS_DIR) or None
    if secrets is not None and not Path(secrets).is_dir():
        raise BadSettings("environment", SECRETS_DIR, "expected.folder_exists")
    for name in os.environ:
        # pydantic-settings passes over names it does not know; a slip must not be silent.
        first = name.removeprefix("QZ_").split("__")[0].lower()
        known = name == SECRETS_DIR or first in Settings.model_fields
        if name.startswith("QZ_") and not known:
            raise BadSettings("environment", name, "expected.known_setting")

    class FromFile(Settings):
        model_config = SettingsConfigDict(
            toml_file=toml,
            secrets_dir=secrets,
            secrets_nested_delimiter="__",
            secrets_prefix="QZ_",
        )

    try:
        return FromFile()
    except ValidationError as error:
        raise _refused(error) from None
    except (SettingsError, tomllib.TOMLDecodeError) as error:
        raise BadSettings("settings", toml, "expected.readable_values", error=error) from None


def _refused(error: ValidationError) -> BadSettings:
    """The first setting that is wrong."""
    wrong = error.errors(include_input=False, include_url=False)[0]
    name = "QZ_" + "__".join(str(part).upper() for part in wrong["loc"])
    told = wrong.get("ctx", {})
    match told.get("error"):
        case WrongTogether() as ours:
            return BadSettings("settings", ours.setting, ours.expected, **ours.values)
        case NotAsExpected() as ours:
            return BadSettings("settings", name, ours.expected, **ours.values)
    if wrong["type"] not in FAULTS:
        return BadSettings("settings", name, "expected.other", message=wrong["msg"])
    sentence, varies = FAULTS[wrong["type"]]
    values = {name: told[theirs] for name, theirs in varies.items()}
    return BadSettings("settings", name, f"expected.{sentence}", **values)
