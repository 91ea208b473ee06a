"""A file or a setting that is wrong is refused in the operator's language, wherever it is read."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.errors import BadInput
from bot.terminal.refusals import expected, place, refusal
from config.load import load_texts
from config.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]
CHINESE, ENGLISH = load_texts("zh-CN"), load_texts("en")
REFUSALS = {
    "BadInput", "BadTranscript", "BadCalendar", "BadPolicy", "BadDirectory", "BadTexts",
    "BadSettings",
}  # fmt: skip
# Names and numbers alone say the same in every language.
NOTHING_TO_SAY = {"x", "x (x)", "x, x", "qingzhuang-digest/1"}


def words_of(node: ast.expr) -> str | None:
    """A literal with `x` for what varies; None where it is no literal."""
    match node:
        case ast.Constant(value=str(words)):
            return words
        case ast.JoinedStr(values=parts):
            return "".join(words_of(part) or "x" for part in parts)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return (words_of(left) or "x") + (words_of(right) or "x")
        case _:
            return None


def said_in_the_code() -> Iterator[str]:
    for room in ("bot", "config", "handlers", "storage"):
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
                if called and node.func.id in REFUSALS and len(node.args) >= 3:
                    words = words_of(node.args[2])
                    if words is not None and words not in NOTHING_TO_SAY:
                        yield words


def test_all_that_is_expected_anywhere_is_said_in_chinese() -> None:
    said = set(said_in_the_code())
    assert len(said) > 80

    without = {
        words
        for words in said
        if not re.search(r"[\u4e00-\u9fff]", expected(BadInput("file", "field", words), CHINESE))
    }

    assert without == set()


def test_in_english_it_is_said_as_the_code_says_it() -> None:
    for words in set(said_in_the_code()):
        assert expected(BadInput("file", "field", words), ENGLISH) == words


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
