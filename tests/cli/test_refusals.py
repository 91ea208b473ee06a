"""A file or a setting that is wrong is refused in the operator's language, wherever it is read."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.errors import BadInput
from bot.domain.texts import Texts
from bot.terminal.refusals import place, refusal
from config.load import load_texts, placeholders
from config.settings import FAULTS, load_settings

ROOT = Path(__file__).resolve().parents[2]
CHINESE, ENGLISH = load_texts("zh-CN"), load_texts("en")
# The place of the key among what each is called with.
REFUSALS = {
    "BadInput": 2, "BadTranscript": 2, "BadRulebook": 2, "BadCalendar": 2, "BadPolicy": 2,
    "BadDirectory": 2, "BadTexts": 2, "BadSettings": 2, "NotAsExpected": 0, "WrongTogether": 1,
}  # fmt: skip


def said_in_the_code() -> Iterator[tuple[str, frozenset[str]]]:
    """The keys of the sentences, each with the names of what varies in it."""
    for room in ("bot", "config", "handlers", "storage"):
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                    continue
                at = REFUSALS.get(node.func.id, len(node.args))
                if at < len(node.args) and isinstance(key := node.args[at], ast.Constant):
                    yield key.value, frozenset(word.arg or "" for word in node.keywords)


@pytest.mark.parametrize("texts", [CHINESE, ENGLISH], ids=["zh-CN", "en"])
def test_all_that_is_expected_anywhere_has_a_sentence(texts: Texts) -> None:
    said = set(said_in_the_code())
    assert len(said) > 120

    assert {key for key, _ in said if key not in texts} == set()
    assert {key for key, given in said if placeholders(texts.raw(key)) != given} == set()


def test_what_pydantic_finds_has_a_sentence() -> None:
    for sentence, varies in FAULTS.values():
        assert placeholders(CHINESE.raw(f"expected.{sentence}")) == varies.keys()


def test_no_sentence_of_what_is_expected_is_left_over() -> None:
    said = {key for key, _ in said_in_the_code()}
    said |= {f"expected.{sentence}" for sentence, _ in FAULTS.values()} | {"expected.other"}

    held = {key for key in sorted(ENGLISH.keys()) if re.fullmatch(r"expected\.\w+", key)}

    assert held - said == set()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("QZ_SERVER__PORT", "many", "应为 整数"),
        ("QZ_SERVER__PORT", "99999", "应为 不大于 65535 的数"),
        ("QZ_SERVER__PORTS", "1", "应为 config/example.env 里有的设置项"),
        ("QZ_NONSENSE", "1", "应为 config/example.env 里有的设置项"),
        ("QZ_TIMEZONE", "Mars", "应为 时区，例如 Asia/Shanghai"),
        ("QZ_LOCALE", "fr", "之一"),
        ("QZ_OFFICE__TARGETS", "[1]", "应为"),
        ("QZ_SCHEDULE__OFFICE_HOURS", "25:00-26:00", "应为 00:00 到 23:59"),
    ],
)
def test_a_setting_that_is_wrong_is_refused_in_chinese(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(BadInput) as caught:
        load_settings()

    line = refusal(caught.value, CHINESE)
    assert said in line
    assert not re.search(r"[a-z]{3,} [a-z]{2,}", line.replace("config/example.env", ""))


def test_places_are_named_in_the_language_and_files_stay_as_they_are() -> None:
    assert place("row 7", CHINESE) == "第7行"
    assert place("environment", CHINESE) == "环境变量"
    assert place("binding", CHINESE) == "绑定"
    assert place("chat_id", CHINESE) == "群号（--chat）"
    assert place("limits.toml", CHINESE) == "limits.toml"
    assert place("QZ_SERVER__PORT", CHINESE) == "QZ_SERVER__PORT"
