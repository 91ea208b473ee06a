"""The log: names and counts; and a sieve that never has to act."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest
import structlog

from bot.logs import set_up_logging
from bot.scrubbing import SCRUBBED, looks_personal, scrubbed

ROOT = Path(__file__).resolve().parents[2]
PERSONAL = (
    "1234 5678 9012 3456 7890",
    "11010519491231002X",
    "13812345678",
    "wxid_9k2abc",
    "$:LWCP_v1:$abc",
    "cidAbc123def==",
    "https://x/y?session=abcdef123",
    "天天截图实在受不了了能不能管",
)


@pytest.mark.parametrize("text", PERSONAL)
def test_what_belongs_to_somebody_does_not_pass(text: str) -> None:
    told = scrubbed(None, "info", {"event": "answer_failed", "code": text, "level": "info"})

    assert told == {"event": SCRUBBED, "of": "answer_failed", "level": "info"}


def test_an_event_that_is_itself_somebodys_loses_its_name_too() -> None:
    assert scrubbed(None, "info", {"event": PERSONAL[0]}) == {"event": SCRUBBED, "of": ""}


@pytest.mark.parametrize(
    "event",
    [
        {"event": "ready", "host": "127.0.0.1", "port": 8080, "doors": ["GET,POST /wecom/app"]},
        {"event": "tick_failed", "incident": "a1b2c3d4e5f6", "error": "KeyError", "at": "x.py:1"},
        {"event": "answer_failed", "error": "RateLimited", "code": "45009"},
        {"event": "dingtalk_route", "notice": "connected"},
        {"event": "x", "timestamp": "2026-10-12T02:00:00.123456Z"},
    ],
)
def test_what_is_logged_passes_as_it_is(event: dict[str, object]) -> None:
    assert scrubbed(None, "info", dict(event)) == event


def test_a_library_that_says_somebodys_id_is_named_as_scrubbed_and_not_quoted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log = set_up_logging("info", lambda: "incident")
    logging.getLogger("somebody").warning("gone: %s", "13812345678")
    log.info("quiet", count=3)

    said = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    structlog.reset_defaults()
    assert [line.get("logger", line["event"]) for line in said] == [SCRUBBED, "quiet"]
    assert not any(looks_personal(str(line)) for line in said)


def test_a_process_can_forbid_dumps_of_itself() -> None:
    program = (
        "import ctypes, resource; from bot.hardening import forbid_dumps; forbid_dumps();"
        "print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(ROOT)},
    )

    assert done.stdout.split() == ["(0,", "0)", "0"]


def test_the_process_that_stretches_a_receipt_forbids_them_too() -> None:
    program = (
        "import ctypes, resource; from bot.crypto import kdf_worker; kdf_worker.main();"
        "print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    )
    asked = {"salt": "00" * 16, "memory_kib": 8, "passes": 1, "secret": "31" * 18}

    done = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps(asked).encode() + b"\n",
        capture_output=True,
        check=True,
        env={"PYTHONPATH": str(ROOT)},
        timeout=60,
    )

    # Behind the derived bytes, which are written when the program ends.
    assert b"(0, 0) 0" in done.stdout


def test_the_service_has_neither_core_files_nor_swap() -> None:
    unit = (ROOT / "deploy" / "qingzhuang.service").read_text("utf-8").splitlines()

    assert {"LimitCORE=0", "MemorySwapMax=0", "PrivateTmp=yes"} <= set(unit)
