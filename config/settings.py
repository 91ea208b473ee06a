"""What an operator decides: environment (QZ_…), a TOML file, secret files; environment wins."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
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
from bot.domain.errors import BadInput
from bot.domain.mail_addresses import is_mail_address
from bot.domain.vocabulary import Measure
from bot.domain.work_calendar import OfficeHours

DEFAULT_FILE = "qingzhuang.toml"
SECRETS_DIR = "QZ_SECRETS_DIR"
"""A folder with a file for each secret, named as the setting: QZ_WECOM__APP__SECRET."""
_KNOWN = "a setting that stands in config/example.env"


HookPrefix = Annotated[
    str,
    StringConstraints(
        pattern=r"^https://[a-z0-9-]+(\.[a-z0-9-]+)+(:[0-9]{1,5})?/[A-Za-z0-9._/-]*$"
    ),
]
"""Where an answer to an address from a message may go; one that ends in / covers what lies below."""


class BadSettings(BadInput):
    """A setting that cannot be used; its value is not repeated, it may be a secret."""


class Part(BaseModel):
    """A group of settings: frozen, and a misspelt name is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


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


class WecomAppSettings(Part):
    """A self-built app (自建应用)."""

    agent_id: int | None = None
    secret: SecretStr | None = None
    token: SecretStr | None = None
    encoding_aes_key: SecretStr | None = None


class WecomAibotSettings(Part):
    """An AI bot (智能机器人), by URL callback or long connection."""

    bot_id: str = ""
    name: str = Field(default="轻装", description="stripped as a leading @mention")
    secret: SecretStr | None = None
    ws_url: str = "wss://openws.work.weixin.qq.com"
    token: SecretStr | None = None
    encoding_aes_key: SecretStr | None = None
    resolve_userids: bool = Field(
        default=True, description="ask the app for the own ids behind encrypted ones"
    )


class WecomArchiveSettings(Part):
    """The message archive (会话内容存档)."""

    library: Path | None = None
    secret: SecretStr | None = None
    private_keys: dict[int, Path] = Field(default_factory=dict)
    poll_seconds: float = Field(default=15.0, gt=0)
    batch: int = Field(default=1000, ge=1, le=1000)


class WecomDataServiceSettings(Part):
    """政务微信's data service (数据开放服务), on a private deployment (`api_base`, `ca_file`)."""

    secret: SecretStr | None = None
    private_keys: list[Path] = Field(
        default_factory=list, description="PEM files, the newest first; a record names no version"
    )
    kept_days: int = Field(
        default=180, ge=1, description="how long the deployment keeps its log: ask its operator"
    )
    feature: int = Field(default=90000037, description="group talk; the deployment's own number")
    poll_seconds: float = Field(default=30.0, gt=0)
    settle_seconds: float = Field(
        default=60.0, ge=0, description="how far behind now a pull ends, for records written late"
    )


class WecomSettings(Part):
    """企业微信, and 政务微信 where `api_base` is a private deployment."""

    api_base: str = "https://qyapi.weixin.qq.com"
    corp_id: str = ""
    ca_file: Path | None = None
    hooks: list[HookPrefix] = Field(
        default=["https://qyapi.weixin.qq.com/cgi-bin/aibot/response"],
        description="the vendor's reply addresses, public hosts only; `api_base` need not stand here",
    )
    chat_per_minute: int = Field(
        default=30, ge=1, description="messages to one conversation, replies counted too"
    )
    chat_per_hour: int = Field(default=1000, ge=1)
    calls_per_minute: int = Field(default=10_000, ge=1, description="of one API, for the corp")
    messages_per_day: int | None = Field(
        default=None, ge=1, description="of the app: seats x 200; empty: not kept"
    )
    webhooks: dict[str, SecretStr] = Field(
        default_factory=dict, description="name → key of a group webhook (消息推送)"
    )
    app: WecomAppSettings = WecomAppSettings()
    aibot: WecomAibotSettings = WecomAibotSettings()
    archive: WecomArchiveSettings = WecomArchiveSettings()
    data_service: WecomDataServiceSettings = WecomDataServiceSettings()


class DingtalkDwsSettings(Part):
    """The platform's own `dws` command as a child process: all that is said in its groups."""

    command: list[str] = Field(
        default_factory=list, description='such as ["/usr/local/bin/dws"]; empty: not used'
    )
    groups: list[str] = Field(
        default_factory=list,
        description="openConversationIds, a child each; empty: one for all groups of the account",
    )


class DingtalkWebhookSettings(Part):
    """A custom webhook robot (自定义机器人) of a group."""

    token: SecretStr
    secret: SecretStr | None = Field(default=None, description="SEC…, where it asks for 加签")


class DingtalkCardSettings(Part):
    """Interactive cards; without a template everything is said in words."""

    template: str = Field(default="", description="cardTemplateId of the published template")
    route_key: str = Field(default="qingzhuang", description="over HTTP: the callback's name")
    secret: SecretStr | None = Field(default=None, description="over HTTP: signs the clicks")
    callback_url: str = Field(
        default="", description="over HTTP: https://your-host/dingtalk/card, registered at start"
    )


class DingtalkSettings(Part):
    """钉钉."""

    api_base: str = "https://api.dingtalk.com"
    oapi_base: str = "https://oapi.dingtalk.com"
    hooks: list[HookPrefix] = Field(
        default=[
            "https://oapi.dingtalk.com/robot/sendBySession",
            "https://api.dingtalk.com/robot/sendBySession",
        ],
        description="the vendor's reply addresses, public hosts only; `api_base` need not stand here",
    )
    client_id: str = ""
    client_secret: SecretStr | None = None
    robot_code: str = ""
    robot_name: str = Field(
        default="轻装", description="stripped from rich text as a leading @mention"
    )
    mode: Literal["stream", "http"] = "stream"
    group_events: bool = Field(
        default=False, description="by Stream: hear that a group was dissolved, renamed, resized"
    )
    stream_silence_seconds: float = Field(
        default=180.0, ge=30, description="without a frame for so long a connection counts as dead"
    )
    webhooks: dict[str, DingtalkWebhookSettings] = Field(
        default_factory=dict, description="name → token and secret of a webhook robot"
    )
    calls_per_second: int = Field(default=20, ge=1, description="of the app")
    chat_per_minute: int = Field(
        default=20, ge=1, description="messages to one conversation; the platform gives no number"
    )
    calls_per_month: int | None = Field(
        default=5000, ge=1, description="API calls of the edition; empty: not kept"
    )
    http_window_seconds: float = Field(
        default=300.0, gt=0, le=3600, description="how old or new a signed request may be"
    )
    ca_file: Path | None = None
    dws: DingtalkDwsSettings = DingtalkDwsSettings()
    card: DingtalkCardSettings = DingtalkCardSettings()

    @model_validator(mode="after")
    def _clicks_are_signed(self) -> Self:
        if self.mode == "http" and self.card.template and self.card.secret is None:
            raise ValueError(
                "QZ_DINGTALK__CARD__SECRET: needed over HTTP, where clicks are signed"
            )
        return self


class OutboxSettings(Part):
    """What the bot says on its own account."""

    hints_a_day: int = Field(
        default=2, ge=0, description="unasked messages to a group and day; the rest waits"
    )


class ZwddSettings(Part):
    """专有钉钉, 浙政钉 and other deployments of their own."""

    api_base: str = "https://openplatform.dg-work.cn"
    hooks: list[HookPrefix] = Field(
        default=["https://openplatform.dg-work.cn/", "https://openplatform-pro.ding.zj.gov.cn/"],
        description="the vendor's reply addresses, public hosts only; `api_base` need not stand here",
    )
    app_key: str = ""
    app_secret: SecretStr | None = None
    tenant_id: str = ""
    robot_name: str = "轻装"
    robot_token: SecretStr | None = Field(
        default=None, description="`token` of the robot's messages to groups"
    )
    outgoing_token: SecretStr | None = Field(
        default=None, description="what the platform shows when it calls POST /zwdd/robot"
    )
    client_ip: str = Field(default="127.0.0.1", description="sent in X-Hmac-Auth-IP")
    client_mac: str = Field(default="00:00:00:00:00:00", description="sent in X-Hmac-Auth-MAC")
    ca_file: Path | None = None


class MailSettings(Part):
    """Digests by e-mail, handed in at a server of the operator's (SMTP)."""

    host: str = ""
    port: int | None = Field(
        default=None, ge=1, le=65535, description="default: 465 for tls, 587 for starttls, 25"
    )
    security: Literal["tls", "starttls", "none"] = Field(
        default="tls", description="none: for a relay on this machine only"
    )
    user: str = ""
    password: SecretStr | None = None
    sender: str = Field(default="", description="the address that letters come from")
    sender_name: str = "轻装"
    ca_file: Path | None = None
    timeout_seconds: float = Field(default=30.0, gt=0, le=300)

    @model_validator(mode="after")
    def _can_be_used(self) -> Self:
        if self.host and not is_mail_address(self.sender):
            raise ValueError("QZ_MAIL__SENDER: an address such as qingzhuang@example.gov.cn")
        if self.security == "none" and self.host not in ("", "127.0.0.1", "::1", "localhost"):
            raise ValueError("QZ_MAIL__SECURITY: none is for a relay on this machine only")
        return self


class FolderSettings(Part):
    """Digests as files, for an office that fetches them there."""

    dirs: dict[str, Path] = Field(
        default_factory=dict, description="name → folder; each digest becomes a folder inside"
    )


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
            raise ValueError("expected a time zone such as Asia/Shanghai") from None
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
        raise BadSettings(str(file), "--config", "a TOML file that exists")
    toml = str(file or DEFAULT_FILE)
    secrets = os.environ.get(SECRETS_DIR) or None
    if secrets is not None and not Path(secrets).is_dir():
        raise BadSettings("environment", SECRETS_DIR, "a folder that exists")
    for name in os.environ:
        # pydantic-settings passes over names it does not know; a slip must not be silent.
        first = name.removeprefix("QZ_").split("__")[0].lower()
        known = name == SECRETS_DIR or first in Settings.model_fields
        if name.startswith("QZ_") and not known:
            raise BadSettings("environment", name, _KNOWN)

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
        wrong = error.errors(include_input=False, include_url=False)[0]
        name = "QZ_" + "__".join(str(part).upper() for part in wrong["loc"])
        expected = _KNOWN if wrong["type"] == "extra_forbidden" else wrong["msg"]
        # What goes wrong between two settings is found above them, and names one itself.
        if named := re.fullmatch(r"Value error, (QZ_\w+): (.+)", expected, re.DOTALL):
            name, expected = named.groups()
        raise BadSettings("settings", name, expected) from None
    except (SettingsError, tomllib.TOMLDecodeError) as error:
        raise BadSettings("settings", toml, f"values that can be read ({error})") from None
