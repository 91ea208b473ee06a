"""The command line: what each command says, its exit code, and wrong input in one line."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.clock import SystemClock
from bot.domain.cosignatures import WitnessKey
from bot.domain.disputes import DisputeState
from bot.domain.groups import GroupCode
from bot.domain.invites import code_in, mark_of
from bot.domain.periods import Week
from bot.domain.private import Opaque
from bot.domain.reach import RouteGap
from bot.domain.sending import NOTHING_SAID
from bot.domain.vocabulary import Kind
from bot.renderings.forms import FORMS
from bot.terminal.session import counting
from handlers.ports import DeliveryState, Office, Parcel, StoredParcel

ROOT = Path(__file__).resolve().parents[2]
MONDAY = datetime.fromisoformat("2026-10-12T09:00:00+08:00")
HEADER = {"group": "g1", "name": "综治工作群", "unit": "青石镇", "line": "综治", "size": 46}
DEMAND = "各村今天17:30前把排查台账报综治办，附现场照片"
WEEK = "2026-W42"

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("QZ_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("QZ_WECOM__CORP_ID", "ww1")
    monkeypatch.setenv("QZ_DINGTALK__CLIENT_ID", "ding1")


def run(*words: str, code: int = 0, **more: str | bytes) -> Result:
    done = CliRunner().invoke(app, list(words), **more)
    assert done.exit_code == code, done.output + repr(done.exception)
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done


def refused(*words: str, code: int = 2, **more: str | bytes) -> str:
    """The one line on stderr that says what was wrong."""
    done = run(*words, code=code, **more)
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.output
    assert lines[0].startswith("✗ ")
    return lines[0]


def transcript(path: Path, count: int = 3, start: datetime = MONDAY) -> Path:
    rows: list[dict[str, object]] = [HEADER]
    rows += [
        {
            "group": "g1",
            "id": f"m{number}",
            "sender": "a",
            "sent_at": (start + timedelta(seconds=number)).isoformat(),
            "type": "text",
            "text": DEMAND if not number else "收到",
        }
        for number in range(count)
    ]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text(text, "utf-8")
    return path


def test_a_month_is_imported_closed_and_published(tmp_path: Path) -> None:
    run("role", "grant", "office", "wecom:li.hua", "--title", "县减负专班")
    first = run("import", str(transcript(tmp_path / "a.jsonl"))).stdout
    second = run("import", "a.jsonl").stdout

    assert "新记 3" in first
    assert WEEK in first
    assert "新记 0" in second
    written = run("digest", "--week", WEEK, "--out", "out").stdout
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {f"digest-{WEEK}-office.{form}" for form in FORMS} | {
        f"proof-{WEEK}.{part}" for part in ("log", "checkpoint", "files")
    } | {f"proof-{WEEK}-office.inclusion"}
    assert "核验通过" in run("verify", "out").stdout
    assert "指纹" in run("db", "proof-key").stdout
    assert "digest-2026-W42" in written
    before = (tmp_path / "out" / f"digest-{WEEK}-office.json").read_bytes()
    run("digest", "--week", WEEK, "--out", "again", "--format", "json")
    assert (tmp_path / "again" / f"digest-{WEEK}-office.json").read_bytes() == before
    run("outbox", "list")


def test_a_month_and_a_quarter_are_closed_from_published_weeks(tmp_path: Path) -> None:
    run("import", str(transcript(tmp_path / "a.jsonl")))
    run("digest", "--week", WEEK, "--out", "town", "--format", "json")

    of_shelf = run("digest", "--month", "2026-10", "--format", "md,json,xlsx", "--out", "m").stdout
    run("digest", "--quarter", "2026Q4", "--format", "md", "--out", "q")
    again = run("digest", "--month", "2026-10", "--format", "md,json,xlsx", "--out", "n").stdout
    run("digest", "--month", "2026-10", "--from", "town", "--format", "md", "--out", "county")

    assert "digest-2026-10-office.json" in of_shelf
    month = (tmp_path / "m" / "digest-2026-10-office.md").read_text("utf-8")
    assert "月报" in month
    assert "已发布周报1周" in month
    assert again.count("digest-2026-10") == of_shelf.count("digest-2026-10")
    for file in (tmp_path / "m").iterdir():
        assert (tmp_path / "n" / file.name).read_bytes() == file.read_bytes()
    # Published once the year is over, before that what it adds up to so far.
    [quarter] = (tmp_path / "q").glob("*2026Q4-office.md")
    assert "季报" in quarter.read_text("utf-8")
    shutil.copy(tmp_path / "town" / f"digest-{WEEK}-office.json", tmp_path / "m")
    assert "已由1份周报重新相加核对" in run("verify", "m/digest-2026-10-office.json").stdout
    county = (tmp_path / "county" / "sum-2026-10.md").read_text("utf-8")
    assert "已发布周报1周" in county


def test_a_file_that_is_no_digest_is_named(tmp_path: Path) -> None:
    (tmp_path / "town").mkdir()
    (tmp_path / "town" / "odd.json").write_text("{}", "utf-8")

    assert "odd.json" in refused("digest", "--month", "2026-10", "--from", "town")


def test_csv_is_imported(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        f"group,sender,sent_at,text\n群,a,2026-10-12T08:41:10+08:00,{DEMAND}\n", "utf-8-sig"
    )

    assert "新记 1" in run("import", "a.csv").stdout


@pytest.mark.parametrize("content", ["", json.dumps(HEADER) + "\n"], ids=["empty", "headers"])
def test_a_transcript_without_messages_is_no_error_and_said(content: str, tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text(content, "utf-8")

    shown = run("import", "empty.jsonl").stdout

    assert "一条消息也没有" in shown
    assert "共 0 条" not in shown
    assert run("classify", "empty.jsonl").stdout == ""


def csv_row(text: str) -> bytes:
    return f"group,sender,sent_at,text\ng,a,2026-10-12T08:41:10+08:00,{text}\n".encode()


@pytest.mark.parametrize("command", ["import", "classify"])
@pytest.mark.parametrize(
    ("name", "content", "named"),
    [
        ("none.jsonl", None, "none.jsonl"),
        ("gbk.jsonl", '{"group": "综治"}\n'.encode("gbk"), "UTF-8"),
        ("gbk.csv", csv_row("请报送").decode().encode("gbk"), "UTF-8"),
        ("wrong.csv", b"group,sender,when,text\n", "sent_at"),
        ("more.csv", b"group,sender,sent_at,text,phone\n", "columns"),
        ("empty.csv", b"", "group"),
        ("short.csv", b"group,sender,sent_at,text\ng,a\n", "short.csv:2"),
        ("huge.csv", csv_row("x" * (csv.field_size_limit() + 1)), "huge.csv"),
        ("broken.jsonl", b'{"group": "g"\n', "broken.jsonl:1"),
        ("list.jsonl", b"[1]\n", "list.jsonl:1"),
        ("deep.jsonl", b'{"group":"g","timezone":"Asia"}\n', "timezone"),
        ("size.jsonl", b'{"group":"g","size":-1}\n', "size"),
        ("hours.jsonl", b'{"group":"g","work_hours":"9 to 5"}\n', "work_hours"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_transcript_that_cannot_be_read_is_named(
    command: str, name: str, content: bytes | None, named: str, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)

    line = refused(command, name)

    assert named in line
    assert name in line


def test_a_line_as_long_as_a_book_is_judged_by_its_beginning(tmp_path: Path) -> None:
    path = transcript(tmp_path / "long.jsonl", 1)
    rows = path.read_text("utf-8").splitlines()
    message = json.loads(rows[1]) | {"text": DEMAND * 50_000}
    path.write_text(f"{rows[0]}\n{json.dumps(message)}\n", "utf-8")

    assert "新记 1" in run("import", "long.jsonl").stdout


def test_a_bad_second_file_loses_nothing_of_the_first(tmp_path: Path) -> None:
    transcript(tmp_path / "good.jsonl")
    (tmp_path / "bad.jsonl").write_bytes(b"{\n")

    refused("import", "good.jsonl", "bad.jsonl")
    again = run("import", "good.jsonl").stdout

    new, known = (int(part.split()[-1]) for part in again.split("共 3 条：")[1].split("，")[:2])
    assert new + known == 3


def test_classify_reads_stdin_and_writes_json_lines(tmp_path: Path) -> None:
    lines = transcript(tmp_path / "a.jsonl").read_text("utf-8")

    rows = [json.loads(row) for row in run("classify", input=lines).stdout.splitlines()]

    assert [row["id"] for row in rows] == ["m0", "m1", "m2"]
    assert rows[0]["act"] == "demand"


def test_classify_names_stdin_that_is_not_utf8() -> None:
    assert "stdin" in refused("classify", input='{"group": "综治"}\n'.encode("gbk"))


def test_explain_says_why() -> None:
    shown = run("explain", DEMAND, "--at", "2026-10-12T10:00").stdout

    assert shown.startswith("计入：工作要求")
    assert "政策" in shown


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["explain", DEMAND, "--at", "nope"], "--at"),
        (["explain", DEMAND, "--hours", "9-5"], "--hours"),
        (["digest", "--week", "2026-W60"], "--week"),
        (["digest", "--week", "last"], "--week"),
        (["digest"], "--week"),
        (["digest", "--month", "2026-10", "--quarter", "2026Q4"], "--week"),
        (["digest", "--week", WEEK, "--month", "2026-10"], "--week"),
        (["digest", "--month", "2026-13"], "--month"),
        (["digest", "--quarter", "2026-10"], "--quarter"),
        (["digest", "--month", "2026-10"], "2026-10"),
        (["digest", "--month", "2026-10", "--from", "nowhere"], "--from"),
        (["digest", "--week", WEEK, "--format", "doc"], "--format"),
        (["digest", "--week", WEEK, "--format", ""], "--format"),
        (["digest", "--week", WEEK], WEEK),
        (["digest", "--week", "2099-W01"], "2099-W01"),
        (["group", "set", "G01", "--size", "5"], "--unit"),
        (["group", "set", "G01", "--unit", "甲"], "--size"),
        (["group", "set", "G 01", "--unit", "甲", "--size", "5"], "code"),
        (["group", "retire", "G99"], "G99"),
        (["group", "invite", "G99"], "G99"),
        (["role", "grant", "king", "wecom:a"], "ROLE"),
        (["role", "grant", "member", "wecom:a"], "ROLE"),
        (["role", "grant", "office", "li.hua"], "PLATFORM:ID"),
        (["role", "grant", "office", "lark:a"], "PLATFORM:ID"),
        (["role", "grant", "group_admin", "wecom:a", "--scope", "G99"], "scope"),
        (["role", "revoke", "king", "wecom:a"], "ROLE"),
        (["outbox", "resend", "nope"], "没有这一条"),
        (["outbox", "drop", "nope"], "没有这一条"),
        (["outbox", "recall", "nope"], "不能撤回"),
        (["standin", "lark"], "wecom"),
    ],
    ids=" ".join,
)
def test_wrong_input_is_named_in_one_line(words: list[str], named: str) -> None:
    assert named in refused(*words)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--timezone", "Peking"),
        ("--timezone", "Asia"),
        ("--timezone", "../etc/passwd"),
        ("--hours", "25:00-26:00"),
        ("--hours", "nine to five"),
        ("--chat", "wrAbC"),
        ("--chat", "lark:1"),
        ("--chat", "wecom:"),
    ],
)
def test_a_group_with_a_wrong_value_is_not_registered_at_all(option: str, value: str) -> None:
    assert option in refused("group", "set", "G01", "--unit", "甲", "--size", "5", option, value)

    assert "还没有登记群" in run("group", "list").stdout


@pytest.mark.parametrize("size", ["0", "-5", "many"])
def test_a_size_that_is_none_is_named(size: str) -> None:
    done = run("group", "set", "G01", "--unit", "甲", "--size", size, code=2)

    assert "--size" in done.stderr


def test_a_group_is_registered_changed_listed_and_retired() -> None:
    run("group", "set", "G01", "--alias", "综治工作群", "--unit", "甲", "--size", "46")
    run("group", "set", "G01", "--chat", "wecom:wrAbC", "--hours", "24h")

    listed = run("group", "list").stdout
    assert "综治工作群" in listed
    assert "wrAbC" not in listed
    run("group", "retire", "G01")
    assert "已停" in run("group", "list").stdout


def test_a_chat_is_unbound_and_may_be_bound_elsewhere() -> None:
    run("group", "set", "G01", "--unit", "甲", "--size", "46", "--chat", "wecom:wrAbC")
    run("group", "set", "G02", "--unit", "乙", "--size", "12")

    run("group", "unbind", "wecom:wrAbC")
    refused("group", "unbind", "wecom:wrAbC")
    run("group", "set", "G02", "--chat", "wecom:wrAbC")


def test_roles_are_granted_listed_and_taken_back() -> None:
    run("role", "grant", "office", "wecom:li.hua", "--title", "县减负专班")
    run("role", "grant", "office", "dingtalk:group:cid1")

    listed = run("role", "list").stdout
    assert "wecom:li.hua" in listed
    assert "dingtalk:group:cid1" in listed
    assert "office 办公室" in listed
    run("role", "revoke", "office", "wecom:li.hua")
    assert "li.hua" not in run("role", "list").stdout


def test_a_dispute_is_listed_and_decided(tmp_path: Path) -> None:
    running = SystemClock().now().replace(microsecond=0)
    path = transcript(tmp_path / "now.jsonl", start=running)
    run("import", str(path))
    count = asyncio.run(filed())

    waiting = run("dispute", "list").stdout
    assert count in waiting
    assert "form_filling." not in waiting
    assert "已去掉" in run("dispute", "uphold", count.lower(), "--group", "g1").stdout
    assert "先前" in run("dispute", "uphold", count).stdout
    assert "不能再改" in refused("dispute", "reject", count)
    assert "没有等待" in run("dispute", "list").stdout
    assert count in run("dispute", "list", "--all").stdout
    assert "没有找到" in refused("dispute", "reject", "000001")
    assert "六位" in refused("dispute", "uphold", "nonsense")
    assert "g9" in refused("dispute", "uphold", count, "--group", "g9")


def test_a_kind_that_is_disputed_is_named_where_it_is_listed_and_decided(tmp_path: Path) -> None:
    running = SystemClock().now().replace(microsecond=0)
    run("import", str(transcript(tmp_path / "now.jsonl", start=running)))
    count = asyncio.run(filed(Kind.FORM_FILLING))

    waiting = run("dispute", "list").stdout
    assert "等待认定：填表报数" in waiting
    assert "其中填表报数不算" in run("dispute", "uphold", count).stdout
    assert "先前" in run("dispute", "uphold", count).stdout
    assert "不能再改" in refused("dispute", "reject", count)
    decided = run("dispute", "list", "--all").stdout
    assert "成立：填表报数" in decided
    assert "工作要求（截图上报）" in decided


def test_a_closed_week_is_corrected_as_a_further_issue_that_verifies(tmp_path: Path) -> None:
    run("import", str(transcript(tmp_path / "m.jsonl")))
    run("digest", "--week", WEEK, "--out", "first", "--format", "json")
    assert "没有需要更正的" in refused("digest", "--week", WEEK, "--correct")
    asyncio.run(upheld_after_the_close())

    run("digest", "--week", WEEK, "--correct", "--out", "both")
    run("digest", "--week", WEEK, "--out", "again")

    assert "第2次印发" in Path(f"both/digest-{WEEK}-r2-office.md").read_text("utf-8")
    of_first = Path(f"first/digest-{WEEK}-office.json").read_bytes()
    assert Path(f"both/digest-{WEEK}-office.json").read_bytes() == of_first
    assert {each.name: each.read_bytes() for each in Path("again").iterdir()} == {
        each.name: each.read_bytes() for each in Path("both").iterdir()
    }
    assert "核验通过" in run("verify", "both").stdout
    assert "没有需要更正的" in refused("digest", "--week", WEEK, "--correct")


@pytest.mark.parametrize("missing", ["nowhere", "nowhere/deeper", "nowhere/proof-2026-W42.log"])
def test_a_folder_that_is_not_there_is_told_in_one_s_own_language(missing: str) -> None:
    assert refused("verify", missing) == f"✗ {missing}：没有这个文件或文件夹"


async def upheld_after_the_close() -> None:
    """The office finds one of the week's counts wrong."""
    async with counting(None) as (_, house):
        [count] = await house.store.disputes.latest(GroupCode("g1"), Week.parse(WEEK), 1)
        for state in (DisputeState.OPEN, DisputeState.UPHELD):
            await house.disputes.move(count, state, "office")


async def filed(*kinds: Kind) -> str:
    """The id of the group's one count, after its admin disputed it, or these kinds of it."""
    async with counting(None) as (_, house):
        week = house.disputes.week()
        [count] = await house.store.disputes.latest(GroupCode("g1"), week, 9)
        await house.disputes.move(count, DisputeState.OPEN, "group_admin", kinds)
        return count.id


def test_rules_are_listed_and_hold_their_examples() -> None:
    assert "check_in" in run("rules", "list").stdout
    assert "版本" in run("rules", "check").stdout


def test_rules_are_weighed_on_a_corpus_of_one_s_own(tmp_path: Path) -> None:
    rows = [
        HEADER,
        {"id": "1", "text": "今日接龙", "label": {"act": "demand", "kinds": ["check_in"]}},
        {"id": "2", "text": "接龙完毕", "label": {"act": "none", "kinds": []}},
    ]
    corpus = tmp_path / "own.jsonl"
    corpus.write_text("\n".join(map(json.dumps, rows)), "utf-8")

    shown = run("rules", "check", "--corpus", str(corpus)).stdout
    told = json.loads(run("rules", "check", "--corpus", str(corpus), "--json").stdout)

    [row] = [line for line in shown.splitlines() if "check_in.named" in line and "0." in line]
    assert row.replace("│", " ").split()[-3:] == ["2", "1", "0.50"]
    assert "没有命中过的规则" in shown
    [named] = [rule for rule in told["rules"] if rule["id"] == "check_in.named"]
    assert (named["fired"], named["right"], named["precision"]) == (2, 1, 0.5)
    assert (named["status"], named["version"], named["broken"]) == ("stable", 1, 0)
    assert told["messages"] == 2


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ('{"id": "1", "text": "x"}', "own.jsonl"),
        ('{"id": "1", "text": "x", "label": {}}', "own.jsonl:1"),
        ("\nnonsense", "own.jsonl:2"),
        ("[]", "own.jsonl:1"),
    ],
)
def test_a_corpus_that_cannot_be_weighed_is_named(
    content: str, named: str, tmp_path: Path
) -> None:
    (tmp_path / "own.jsonl").write_text(content, "utf-8")

    assert named in refused("rules", "check", "--corpus", "own.jsonl")
    assert "nowhere.jsonl" in refused("rules", "check", "--corpus", "nowhere.jsonl")


def test_a_broken_rulebook_is_refused_in_chinese_with_file_line_and_field(
    tmp_path: Path, monkeypatch
) -> None:
    shipped = (ROOT / "config" / "rules" / "pledge.toml").read_text("utf-8")
    (tmp_path / "rules").mkdir()
    broken = shipped.replace('status = "', 'status = "ripe-', 1)
    (tmp_path / "rules" / "pledge.toml").write_text(broken, "utf-8")
    monkeypatch.setenv("QZ_RULES", str(tmp_path / "rules"))

    line = refused("rules", "check")

    assert "pledge.toml:" in line
    assert ".status：应为 experimental, test, stable, retired 之一" in line


def test_a_year_without_a_calendar_says_what_to_do() -> None:
    line = refused("explain", DEMAND, "--at", "2019-12-31T10:00", code=1)

    assert "2019.toml" in line


class TestSettings:
    """A wrong setting stops every command alike."""

    @pytest.mark.parametrize(
        ("content", "named"),
        [
            ("x = ", "wrong.toml"),
            ('lokale = "en"', "QZ_LOKALE"),
            ("[server]\nport = 99999", "QZ_SERVER__PORT"),
            ('timezone = "Peking"', "QZ_TIMEZONE"),
            ('rules = "nowhere"', "nowhere"),
        ],
    )
    def test_a_wrong_file(self, content: str, named: str, tmp_path: Path) -> None:
        (tmp_path / "wrong.toml").write_text(content, "utf-8")

        assert named in refused("rules", "list", "--config", "wrong.toml")

    def test_a_file_that_is_not_there(self) -> None:
        assert "none.toml" in refused("group", "list", "--config", "none.toml")

    def test_a_misspelt_name(self, monkeypatch) -> None:
        monkeypatch.setenv("QZ_DATABSE__URL", "x")

        assert "QZ_DATABSE__URL" in refused("serve")

    @pytest.mark.parametrize(
        ("content", "named"),
        [
            (b"platform,account,sender,unit\n", "line"),
            (b"", "第1行"),
            (b"platform,account,sender,unit,line\n\xff\xff\n", "UTF-8"),
            (
                b"platform,account,sender,unit,line\n" + b"x" * (csv.field_size_limit() + 1),
                "CSV",
            ),
            (b"platform,account,sender,unit,line\nwecom,a,canary,,b\n", "第2行"),
        ],
        ids=["column", "empty", "bytes", "huge", "cell"],
    )
    def test_a_wrong_directory_is_named_without_its_cells(
        self, content: bytes, named: str, tmp_path: Path, monkeypatch
    ) -> None:
        (tmp_path / "people.csv").write_bytes(content)
        monkeypatch.setenv("QZ_DIRECTORY", "people.csv")

        line = refused("group", "list")

        assert "people.csv" in line
        assert named in line
        assert "canary" not in line


def test_who_reads_only_the_beginning_gets_no_traceback(tmp_path: Path) -> None:
    transcript(tmp_path / "a.jsonl", 2_000)
    classify = f"{sys.executable} -m bot classify a.jsonl | head -n 1"
    done = subprocess.run(
        classify,
        shell=True,
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )

    assert json.loads(done.stdout)["id"] == "m0"
    assert done.stderr == ""


def test_a_terminal_that_lacks_a_sign_still_gets_the_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "digest", "--week", "last"],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "gbk"},
    )

    assert done.returncode == 2
    assert done.stderr.decode("gbk") == "? 周报：--week：应为 一个统计周，如 2026-W42\n"


class TestDatabase:
    def test_it_is_made_where_it_is_said_and_its_state_told(self, tmp_path: Path) -> None:
        made = run("db", "upgrade").stdout

        assert "新建了数据库" in made
        assert str(tmp_path / "data" / "books.db") in made.replace("\n", "")
        assert "QZ_DATA_DIR" in made
        assert run("db", "upgrade").stdout.startswith("数据库结构已是最新")
        assert "最新" in run("db", "status").stdout

    def test_the_complaint_store_is_told_of_and_upgraded_where_there_is_one(
        self, tmp_path: Path
    ) -> None:
        run("db", "upgrade")
        assert "投诉库" not in run("db", "status").stdout
        run("complaints", "status")
        assert "投诉库：最新（0003）" in run("db", "status").stdout
        store = tmp_path / "data" / "complaints.db"
        connection = sqlite3.connect(store)
        for column in ("verdict", "units", "withdrawn", "why", "withheld_in"):
            connection.execute(f"ALTER TABLE returns DROP COLUMN {column}")
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
        connection.commit()
        connection.close()

        assert "投诉库：旧（0001，最新为 0003）" in run("db", "status", code=1).stdout
        assert "qingzhuang db upgrade" in refused("complaints", "status", code=1)
        assert "投诉库：数据库结构已是最新（0003）" in run("db", "upgrade").stdout
        run("complaints", "status")

    def test_one_of_a_newer_program_is_refused_and_left_alone(self, tmp_path: Path) -> None:
        run("db", "upgrade")
        books = tmp_path / "data" / "books.db"
        connection = sqlite3.connect(books)
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()

        assert "9999" in refused("group", "list", code=1)
        assert "9999" in refused("db", "upgrade", code=1)
        assert "换用更新的程序" in run("db", "status", code=1).stdout
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        connection.close()
        assert found == ("9999",)

    def test_a_server_that_is_not_there(self, monkeypatch) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
        url = f"postgresql+asyncpg://u:canary-secret@127.0.0.1:{port}/books"
        monkeypatch.setenv("QZ_DATABASE__URL", url)

        line = refused("group", "list", code=1)

        assert "QZ_DATABASE__URL" in line
        assert "canary" not in line

    @pytest.mark.parametrize("url", ["mysql://x", "nonsense", "sqlite+aiosqlite://"])
    def test_a_url_of_another_kind(self, url: str, monkeypatch) -> None:
        monkeypatch.setenv("QZ_DATABASE__URL", url)

        assert "QZ_DATABASE__URL" in refused("db", "status")

    def test_a_data_folder_that_cannot_be(self, tmp_path: Path, monkeypatch) -> None:
        (tmp_path / "file").touch()
        monkeypatch.setenv("QZ_DATA_DIR", str(tmp_path / "file"))

        refused("group", "list", code=1)

    @pytest.mark.skipif(os.geteuid() == 0, reason="the administrator may write everywhere")
    def test_a_read_only_data_folder(self, tmp_path: Path) -> None:
        (tmp_path / "data").mkdir(mode=0o500)

        refused("group", "list", code=1)

    def test_a_digest_that_cannot_be_written_is_not_lost(self, tmp_path: Path) -> None:
        run("role", "grant", "office", "wecom:li.hua")
        run("import", str(transcript(tmp_path / "a.jsonl")))
        (tmp_path / "taken").touch()

        assert "taken" in refused("digest", "--week", WEEK, "--out", "taken")
        run("digest", "--week", WEEK, "--out", "out")


def test_ctrl_c_stops_an_import_and_what_was_entered_stays(tmp_path: Path) -> None:
    count = 3_000
    transcript(tmp_path / "big.jsonl", count)
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "import", "big.jsonl"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler) and None,
    )
    while process.poll() is None and not _seen(tmp_path / "data" / "books.db"):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=100)

    assert process.returncode == 130
    assert "已中断" in said
    assert "Traceback" not in said
    again = run("import", "big.jsonl").stdout.split("共 3000 条：")[1]
    new, known, late = (int(part.split()[-1]) for part in again.split("，")[:3])
    assert new + known == count
    assert 0 < known < count
    assert late == 0


def _seen(books: Path) -> int:
    """How many messages another process has entered so far."""
    if not books.exists():
        return 0
    connection = sqlite3.connect(books, timeout=30)
    try:
        return connection.execute("SELECT sum(messages) FROM coverage").fetchone()[0] or 0
    except sqlite3.OperationalError:  # there are no tables yet
        return 0
    finally:
        connection.close()


COMMANDS = [
    "",
    *[
        "demo",
        "serve",
        "check",
        "import",
        "classify",
        "explain",
        "console",
        "digest",
        "standin",
        "version",
    ],
    *("rules check", "rules list", "db upgrade", "db status"),
    *("group set", "group unbind", "group list", "group retire"),
    *("group coverage", "group invite", "unit import", "unit list"),
    *("role grant", "role revoke", "role list", "outbox list", "outbox resend"),
    *("outbox drop", "outbox recall"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda name: name or "all")
def test_help_is_in_chinese_and_fits_a_hundred_columns(command: str, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")

    shown = run(*command.split(), "--help").stdout

    sentences = [line for line in shown.splitlines() if line.strip()]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in sentences[1]), shown
    assert all(_width(line) <= 100 for line in sentences)


def test_help_is_in_english_for_who_asks_for_it() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "--help"],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT), "QZ_LOCALE": "en", "COLUMNS": "100"},
    )

    assert "counts fingertip formalism" in done.stdout
    assert not any("\u4e00" <= letter <= "\u9fff" for letter in done.stdout)
    assert all(_width(line) <= 100 for line in done.stdout.splitlines())


def _width(line: str) -> int:
    return sum(2 if "\u2e80" <= letter <= "\uffef" else 1 for letter in line.rstrip())


def test_an_id_is_not_registered_before_the_account_it_belongs_to_is_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("QZ_WECOM__CORP_ID")

    line = refused("group", "set", "g1", "--unit", "u", "--size", "9", "--chat", "wecom:wr1")

    assert "QZ_WECOM__CORP_ID" in line


def test_an_office_keeps_its_title_when_it_gets_another_reader() -> None:
    run("role", "grant", "office", "wecom:a", "--title", "清川县减负专班")
    run("role", "grant", "office", "dingtalk:b")

    book = asyncio.run(offices())

    assert [(office.title, len(office.destinations)) for office in book] == [("清川县减负专班", 2)]


async def offices() -> Sequence[Office]:
    async with counting(None, counts=False) as (_, house):
        return house.store.registry.offices()


def test_looking_with_another_key_folder_takes_no_key_for_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("import", str(transcript(tmp_path / "t.jsonl")))
    monkeypatch.setenv("QZ_KEYS__DIR", str(tmp_path / "other"))

    run("group", "list")
    run("role", "list")

    assert list((tmp_path / "other").glob("*")) == []


def test_a_role_that_nobody_holds_cannot_be_taken_back() -> None:
    run("role", "grant", "auditor", "wecom:li.hua")

    assert "没有这个角色" in refused("role", "revoke", "office", "wecom:li.hua")
    assert "没有这个角色" in refused("role", "revoke", "auditor", "wecom:zhang.san")
    assert "没有这个角色" in refused("role", "revoke", "office", "wecom:group:li.hua")

    assert "wecom:li.hua" in run("role", "list").stdout


def test_who_reads_no_longer_gets_no_digest_that_waits() -> None:
    readers = ("wecom:a", "dingtalk:group:cid1")
    for reader in readers:
        run("role", "grant", "office", reader)
    asyncio.run(put_parcels(["uncertain", "pending"]))

    for reader in readers:
        run("role", "revoke", "office", reader)

    boxes = asyncio.run(parcels())
    assert {(one.state, one.parcel.markdown) for one in boxes} == {(DeliveryState.FAILED, "")}
    assert not any(one.parcel.destination.id for one in boxes)
    assert "清空" in refused("outbox", "resend", boxes[0].id)
    assert "没有待处理" in run("outbox", "list").stdout


def test_what_failed_is_sent_again_as_if_it_were_new() -> None:
    run("role", "grant", "office", "wecom:a")
    asyncio.run(put_parcels(["failed"]))
    (failed,) = asyncio.run(parcels())

    run("outbox", "resend", failed.id)

    (again,) = asyncio.run(parcels())
    assert (again.state, again.attempts) == (DeliveryState.PENDING, 0)
    assert again.parcel.not_before > failed.parcel.not_before


def test_what_arrived_is_sent_again_only_where_the_whole_is_asked_for() -> None:
    run("role", "grant", "office", "wecom:a")
    assert "没有发出的周报" in run("outbox", "list", "--sent").stdout
    asyncio.run(put_parcels(["sent"]))
    (sent,) = asyncio.run(parcels())
    assert "没有这一条" in refused("outbox", "resend", sent.id)

    said = run("outbox", "resend", sent.id, "--whole").stdout

    (again,) = asyncio.run(parcels())
    assert "从头再发" in said
    assert (again.state, again.progress.parts) == (DeliveryState.PENDING, 0)


def test_a_mailbox_and_a_folder_are_registered_once_there_are_settings(monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    assert "QZ_MAIL__HOST" in refused("role", "grant", "office", "mail:jfb@example.gov.cn")
    assert "QZ_FOLDER__DIRS" in refused("role", "grant", "office", "folder:county")
    monkeypatch.setenv("QZ_MAIL__HOST", "mail.example.gov.cn")
    monkeypatch.setenv("QZ_MAIL__SENDER", "bot@example.gov.cn")
    monkeypatch.setenv("QZ_FOLDER__DIRS", '{"county": "share"}')

    assert "邮箱地址" in refused("role", "grant", "office", "mail:减负办")
    run("role", "grant", "office", "mail:jfb@example.gov.cn")
    run("role", "grant", "office", "folder:county")
    listed = run("role", "list").stdout
    run("role", "revoke", "office", "mail:jfb@example.gov.cn")

    assert "mail:jfb@example.gov.cn" in listed
    assert "folder:county" in listed
    assert "mail:" not in run("role", "list").stdout


@pytest.mark.parametrize(
    ("name", "value", "wrong"),
    [
        ("QZ_MAIL__SENDER", "减负办", "QZ_MAIL__SENDER"),
        ("QZ_MAIL__SECURITY", "none", "QZ_MAIL__SECURITY"),
    ],
)
def test_mail_settings_that_would_send_in_the_clear_or_from_nobody_are_refused(
    monkeypatch, name, value, wrong
) -> None:
    monkeypatch.setenv("QZ_MAIL__HOST", "mail.example.gov.cn")
    monkeypatch.setenv("QZ_MAIL__SENDER", "bot@example.gov.cn")
    monkeypatch.setenv(name, value)

    assert wrong in refused("role", "list")


def test_what_is_dropped_is_never_said() -> None:
    run("role", "grant", "office", "wecom:a")
    asyncio.run(put_parcels(["uncertain", "pending"]))
    uncertain, pending = asyncio.run(parcels())

    for each in (uncertain, pending):
        run("outbox", "drop", each.id)

    assert {each.state for each in asyncio.run(parcels())} == {DeliveryState.DROPPED}
    assert "没有待处理" in run("outbox", "list").stdout
    assert "没有这一条" in refused("outbox", "resend", uncertain.id)


def test_what_was_said_today_is_listed_and_a_recall_is_noted() -> None:
    run("role", "grant", "office", "wecom:a")
    asyncio.run(put_parcels(["sent"]))
    (sent,) = asyncio.run(parcels())
    assert "周报" in run("outbox", "list", "--sent").stdout
    asyncio.run(give_receipt(sent.id))

    listed = run("outbox", "list", "--sent").stdout
    run("outbox", "recall", sent.id)

    assert "周报" in listed
    assert {each.state for each in asyncio.run(parcels())} == {DeliveryState.RECALLING}
    assert "待撤回" in run("outbox", "list").stdout


def test_a_group_that_is_told_by_webhook_is_registered_by_its_name(monkeypatch) -> None:
    assert "QZ_WECOM__WEBHOOKS" in refused("role", "grant", "office", "wecom-webhook:office")
    monkeypatch.setenv("QZ_WECOM__WEBHOOKS", '{"office": "secret-key"}')

    run("role", "grant", "office", "wecom-webhook:office")
    listed = run("role", "list").stdout
    monkeypatch.delenv("QZ_WECOM__WEBHOOKS")
    run("role", "revoke", "office", "wecom-webhook:office")

    assert "wecom-webhook:office" in listed
    assert "wecom-webhook" not in run("role", "list").stdout


def test_units_are_entered_from_a_csv_and_listed(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    assert "还没有登记单位" in run("unit", "list").stdout
    head = "unit,name,line,platform,department\n"
    good, bad = tmp_path / "units.csv", tmp_path / "bad.csv"
    good.write_text(head + "U01,青石镇,综治,wecom,12\nU02,云岭街道,,,\n", "gb18030")
    bad.write_text(head + "U03,甲,综治,lark,1\nU04,乙,,wecom,2\n", "utf-8")

    assert "2 个单位、1 个部门" in run("unit", "import", str(good)).stdout
    told = run("unit", "import", str(bad), code=2).stderr
    assert ["第2行" in told, "第3行" in told, "2 行有问题" in told] == [True] * 3
    shown = run("unit", "list").stdout

    assert "青石镇" in shown
    assert "wecom 1" in shown
    assert "U03" not in shown


def test_an_invitation_shows_a_code_that_binds(monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    run("group", "set", "G01", "--unit", "甲", "--size", "30")

    shown = run("group", "invite", "G01").stdout

    code = code_in(shown)
    assert code is not None
    assert "/绑定" in shown
    assert asyncio.run(group_of(code)) == "G01"


async def group_of(code: str) -> str | None:
    async with counting(None, counts=False) as (_, house):
        return await house.store.invites.find(mark_of(code), house.clock.now(), whole=False)


def test_a_groups_routes_are_shown_with_their_hours_and_gaps(monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    run("group", "set", "G01", "--unit", "甲", "--size", "30", "--chat", "transcript:c1")
    assert "没有连接记录" in run("group", "coverage").stdout
    asyncio.run(bind_and_watch("G01"))

    shown = run("group", "coverage", "--week", WEEK).stdout

    assert "钉钉机器人（Stream）" in shown
    assert "165.3" in shown  # 168 hours less 162 minutes
    assert "--week" in refused("group", "coverage", "--week", "42")


async def bind_and_watch(code: str) -> None:
    async with counting(None, counts=False) as (settings, house):
        begin = Week.parse(WEEK).shifted(-1).ends_at(settings.zone)
        await house.store.registry.bind("dingtalk", "a", Opaque("cid1"), GroupCode(code), False)
        await house.store.routes.watch(["dingtalk_stream"], begin)
        gap = RouteGap(
            "dingtalk_stream", begin + timedelta(minutes=60), begin + timedelta(minutes=222)
        )
        await house.store.routes.write([], begin, [gap])


async def give_receipt(parcel: str) -> None:
    async with counting(None, counts=False) as (_, house):
        said = NOTHING_SAID.with_part("receipt", house.clock.now())
        await house.store.outbox.settle(parcel, DeliveryState.SENT, progress=said)


async def put_parcels(wanted: Sequence[str]) -> None:
    """A parcel in each of these states for everybody who reads."""
    async with counting(None, counts=False) as (_, house):
        box = house.store.outbox
        for name in wanted:
            for number, office in enumerate(house.store.registry.offices()):
                await box.put(
                    [
                        Parcel(f"{name}:{number}:{to.platform}", to, "周报", "words", MONDAY)
                        for to in office.destinations
                    ]
                )
            if name != "pending":
                for claimed in await box.claim(MONDAY, 9):
                    await box.settle(claimed.id, DeliveryState(name))


async def parcels() -> Sequence[StoredParcel]:
    async with counting(None, counts=False) as (_, house):
        return await house.store.outbox.listed(list(DeliveryState))


def labelled(path: Path) -> Path:
    """The week's demands with a person's labels: one of the three was none."""
    lines = transcript(path).read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    for number, row in enumerate(row for row in rows if "text" in row):
        row["label"] = {"act": "none" if number == 0 else "demand", "kinds": []}
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return path


def test_a_sample_is_told_and_printed_in_the_digest_once_it_is_recorded(tmp_path: Path) -> None:
    sample = str(labelled(tmp_path / "sample.jsonl"))
    assert "没有记下" in run("rules", "sample", sample).stdout
    assert not Path("data").exists()
    told = run("rules", "sample", sample, "--record").stdout

    run("import", str(transcript(tmp_path / "m.jsonl")))
    run("digest", "--week", WEEK, "--out", "usb", "--format", "md,json")

    assert "中误" in told
    words = Path(f"usb/digest-{WEEK}-office.md").read_text("utf-8")
    assert "抽样核验3条" in words
    assert "95%置信区间" in words
    assert "结账前没有计数被提出异议" in words
    published = json.loads(Path(f"usb/digest-{WEEK}-office.json").read_text("utf-8"))
    assert "其余各类合计" in json.dumps(published["document"]["annex"], ensure_ascii=False)
    assert '"kind":"sample"' in Path(f"usb/proof-{WEEK}.log").read_text("utf-8")
    assert "核验通过" in run("verify", "usb").stdout


def test_a_copy_in_english_lies_beside_the_published_files(tmp_path: Path) -> None:
    run("import", str(transcript(tmp_path / "m.jsonl")))
    run("digest", "--week", WEEK, "--out", "usb", "--language", "en", "--format", "md,html")

    copy = Path(f"usb/copy-en-{WEEK}-office.md").read_text("utf-8")
    assert copy.startswith("# Weekly Report")
    assert "基层负担监测周报" in Path(f"usb/digest-{WEEK}-office.md").read_text("utf-8")
    assert "核验通过" in run("verify", "usb").stdout
    assert "--language" in refused("digest", "--week", WEEK, "--language", "fr")


def test_a_sample_without_labels_is_refused(tmp_path: Path) -> None:
    assert "label" in refused("rules", "sample", str(transcript(tmp_path / "m.jsonl")))


def test_a_week_without_a_digest_is_told_which_weeks_there_are(tmp_path: Path) -> None:
    run("import", str(transcript(tmp_path / "m.jsonl")))

    assert refused("digest", "--week", "2026-W20").endswith(f"最近结账的周：{WEEK}")


def test_a_week_that_its_year_does_not_have_is_named_with_the_last() -> None:
    assert "没有 2026-W99，最后一周是 2026-W53" in refused("digest", "--week", "2026-W99")
    assert "没有 2025-W53，最后一周是 2025-W52" in refused("digest", "--week", "2025-W53")
    assert "2026-W42" in refused("digest", "--week", "0000-W01")


def test_what_was_given_in_place_of_a_key_is_said(tmp_path: Path) -> None:
    run("import", str(transcript(tmp_path / "m.jsonl")))
    run("digest", "--week", WEEK, "--out", "usb", "--format", "json")
    Path("county.qzpub").write_text('{"format": "qingzhuang-office-key/1"}', "utf-8")
    Path("notes.txt").write_text("没有公钥\n", "utf-8")
    Path("photo.png").write_bytes(b"\x89PNG\xff")

    assert "这是投诉办公室的公钥，不是存证的" in refused("verify", "usb", "--key", "county.qzpub")
    assert "没有这个文件" in refused("verify", "usb", "--key", "proof.key")
    assert "里面没有公钥" in refused("verify", "usb", "--key", "notes.txt")
    assert "里面没有公钥" in refused("verify", "usb", "--key", "photo.png")
    assert "抄错或不全" in refused("verify", "usb", "--key", witness_line("jiwei"))
    assert "没有这个文件" in refused("verify", "usb", "--witness", "jiwei.key")


def test_a_witness_makes_its_key_and_cosigns_what_verifies(tmp_path: Path) -> None:
    run("import", str(transcript(tmp_path / "m.jsonl")))
    run("digest", "--week", WEEK, "--out", "usb", "--format", "json")

    assert "--since" in refused("verify", "usb", "--cosign", "our.key", "--as", "jiwei")
    done = run("verify", "usb", "--cosign", "our.key", "--first").stdout

    assert "已会签" in done
    assert (
        "没有 nobody" in run("verify", "usb", "--witness", witness_line("nobody"), code=1).stdout
    )


def witness_line(name: str) -> str:
    return str(WitnessKey(name, bytes(32)))
