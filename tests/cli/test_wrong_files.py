"""A file that is not there or cannot be read: what it is, what to do, and nothing left behind."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app

HEADER = {"group": "g1", "name": "综治工作群", "unit": "青石镇", "line": "综治", "size": 46}
LINE = json.dumps(HEADER, ensure_ascii=False) + "\n"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("QZ_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")


def refused(*words: str, code: int = 2) -> str:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == code, done.output + repr(done.exception)
    return done.stderr


@pytest.mark.parametrize("command", ["import", "classify"])
@pytest.mark.parametrize(
    ("name", "raw", "looks_like"),
    [
        ("a.jsonl", LINE.encode("gbk"), "GBK"),
        ("a.csv", LINE.encode("gbk"), "GBK"),
        ("b.jsonl", LINE.encode("utf-16"), "UTF-16"),
        ("c.jsonl", LINE.encode("utf-16-le"), "UTF-16"),
        ("c.csv", LINE.encode("utf-16-be"), "UTF-16"),
    ],
)
def test_another_encoding_is_named_with_what_to_do(
    command: str, name: str, raw: bytes, looks_like: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(raw)

    said = refused(command, name)

    assert f"像是 {looks_like} 编码" in said
    assert "另存为" in said


@pytest.mark.parametrize(
    "raw", [LINE.encode()[:33] + b"\xe7\n", b"\x00\x00\xff" * 9, b"a\xff\xffb"]
)
def test_of_a_damaged_file_nothing_is_guessed(raw: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(raw)

    assert refused("import", "a.jsonl").strip().endswith("应为 UTF-8 的文字")


@pytest.mark.parametrize(
    "words",
    [
        ("import", "none.jsonl"),
        ("import", "gbk.jsonl"),
        ("rules", "sample", "none.jsonl"),
        ("rules", "sample", "gbk.jsonl"),
        ("complaints", "import", "none.qzr"),
        ("register", "import", "none.csv"),
        ("unit", "import", "none.csv"),
        ("digest", "--month", "2026-10", "--from", "none"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_read_leaves_no_books_behind(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "gbk.jsonl").write_bytes(LINE.encode("gbk"))

    said = refused(*words)

    assert [one.name for one in tmp_path.iterdir()] == ["gbk.jsonl"]
    assert words[-1] in said
    assert "No such file" not in said


def test_a_port_in_use_is_named_with_its_settings() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]

        said = refused("standin", "wecom", "--port", str(port), code=1)

    assert f"127.0.0.1:{port}" in said
    assert "QZ_SERVER__PORT" in said
    assert "--port" in said


@pytest.mark.parametrize(
    ("revision", "told"), [("0001", "请执行 qingzhuang db upgrade"), ("9999", "换用更新的程序")]
)
def test_a_database_that_does_not_fit_is_told_in_one_language(
    revision: str, told: str, tmp_path: Path
) -> None:
    assert CliRunner().invoke(app, ["db", "upgrade"]).exit_code == 0
    with closing(sqlite3.connect(tmp_path / "data" / "books.db")) as books, books:
        books.execute("UPDATE alembic_version SET version_num = ?", [revision])

    said = refused("role", "list", code=1)

    assert revision in said
    assert told in said
    assert "revision" not in said
