"""Settings: environment over file, wrong ones named, secrets never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.platform_settings import DingtalkCardSettings, DingtalkSettings
from config.settings import BadSettings, load_settings


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "qingzhuang.toml").write_text(
        'locale = "en"\n[server]\nport = 9001\nhost = "0.0.0.0"\n', "utf-8"
    )
    monkeypatch.setenv("QZ_SERVER__PORT", "9002")

    settings = load_settings()

    assert (settings.locale, settings.server.port, settings.server.host) == ("en", 9002, "0.0.0.0")


def test_private_keys_of_the_archive_are_json_of_versions(monkeypatch) -> None:
    monkeypatch.setenv("QZ_WECOM__ARCHIVE__PRIVATE_KEYS", '{"1": "/k/1.pem", "2": "/k/2.pem"}')

    assert load_settings().wecom.archive.private_keys == {1: Path("/k/1.pem"), 2: Path("/k/2.pem")}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("QZ_SERVER__PORT", "eighty"),
        ("QZ_TIMEZONE", "Peking"),
        ("QZ_LOCALE", "fr"),
        ("QZ_DINGTALK__MODE", "carrier-pigeon"),
        ("QZ_WECOM__APP__SECRETT", "s3cret-canary"),
        ("QZ_DATABSE__URL", "postgresql+asyncpg://u:s3cret-canary@h/d"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not(name: str, value: str, monkeypatch) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(BadSettings) as caught:
        load_settings()

    assert name in str(caught.value)
    assert value not in str(caught.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="--config"):
        load_settings(tmp_path / "none.toml")


def test_secrets_do_not_show(monkeypatch) -> None:
    monkeypatch.setenv("QZ_WECOM__APP__SECRET", "s3cret-canary")

    assert "s3cret-canary" not in repr(load_settings())


def test_secrets_are_read_from_files_named_as_the_settings(tmp_path: Path, monkeypatch) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "QZ_WECOM__APP__SECRET").write_text("s3cret-canary\n", "utf-8")
    (folder / "QZ_DINGTALK__CLIENT_SECRET").write_text("another", "utf-8")
    monkeypatch.setenv("QZ_SECRETS_DIR", str(folder))
    monkeypatch.setenv("QZ_DINGTALK__CLIENT_SECRET", "the environment wins")

    settings = load_settings()

    assert settings.wecom.app.secret.get_secret_value() == "s3cret-canary"
    assert settings.dingtalk.client_secret.get_secret_value() == "the environment wins"


def test_a_folder_of_secrets_that_is_not_there_is_refused(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("QZ_SECRETS_DIR", str(tmp_path / "none"))

    with pytest.raises(BadSettings, match="QZ_SECRETS_DIR"):
        load_settings()


def test_cards_over_http_need_a_secret_that_signs_their_clicks() -> None:
    with pytest.raises(ValueError, match="QZ_DINGTALK__CARD__SECRET"):
        DingtalkSettings(mode="http", card=DingtalkCardSettings(template="t"))

    DingtalkSettings(mode="stream", card=DingtalkCardSettings(template="t"))
