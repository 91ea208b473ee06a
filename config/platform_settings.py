"""The sections of the ways in and out: platforms, mail, folders."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, StringConstraints, model_validator

from bot.domain.mail_addresses import is_mail_address
from config.setting_section import Part, WrongTogether

HookPrefix = Annotated[
    str,
    StringConstraints(
        pattern=r"^https://[a-z0-9-]+(\.[a-z0-9-]+)+(:[0-9]{1,5})?/[A-Za-z0-9._/-]*$"
    ),
]
"""Where an answer to an address from a message may go; one that ends in / covers what lies below."""


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
            raise WrongTogether("QZ_DINGTALK__CARD__SECRET", "expected.clicks_signed")
        return self


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
            raise WrongTogether("QZ_MAIL__SENDER", "expected.address")
        if self.security == "none" and self.host not in ("", "127.0.0.1", "::1", "localhost"):
            raise WrongTogether("QZ_MAIL__SECURITY", "expected.no_tls")
        return self


class FolderSettings(Part):
    """Digests as files, for an office that fetches them there."""

    dirs: dict[str, Path] = Field(
        default_factory=dict, description="name → folder; each digest becomes a folder inside"
    )
