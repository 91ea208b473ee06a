"""Callbacks per second: verified, decrypted, judged and durable, against a bare aiohttp handler.

    python -m bench.callbacks [--requests N] [--connections N]

Server and load run in processes of their own; both servers answer the same requests in the same
run. Prints both rates, their ratio, the latencies, and that nothing was lost or doubled. On a busy
machine the CPU time of a request says more than the rate.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sqlite3
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import orjson
import psutil

from bench.load import post, write_requests
from bot.platforms.wecom.crypto import WecomEnvelope

ROOT = Path(__file__).resolve().parents[1]
TOKEN, KEY, CORP = "benchtoken", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "wwbench"
GROUPS = 50
STARTED = 60  # seconds from now: when the first was said, the server under test runs already

BARE = """
import sys
from aiohttp import web
async def answer(request): return web.Response(text="success")
app = web.Application(); app.add_routes([web.post("/wecom/aibot", answer)])
try:
    import uvloop; uvloop.install()
except ImportError: pass
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)
"""


def texts() -> list[str]:
    rows = (ROOT / "tests" / "corpus" / "dev_a.jsonl").read_text("utf-8").splitlines()
    return [row["text"] for row in map(json.loads, rows) if "text" in row]


def requests(count: int) -> list[bytes]:
    envelope, said = WecomEnvelope(TOKEN, KEY, ""), texts()
    now = int(time.time())
    made = []
    for number in range(count):
        body = orjson.dumps(
            {
                "msgid": f"bench-{number}",
                "aibotid": "AIBbench",
                "chatid": f"wr-bench-{number % GROUPS}",
                "chattype": "group",
                "from": {"userid": f"user-{number % 997}"},
                "msgtype": "text",
                # Two messages a second in each group, from now on: what a live bot hears.
                "create_time": now + STARTED + number // (2 * GROUPS),
                "text": {"content": f"@轻装 {said[number % len(said)]}"},
            }
        )
        sealed = envelope.seal(body, secrets.token_bytes(16))
        nonce = str(number)
        signature = envelope.sign(str(now), nonce, sealed)
        path = f"/wecom/aibot?msg_signature={signature}&timestamp={now}&nonce={nonce}"
        made.append(post(path, orjson.dumps({"encrypt": sealed})))
    return made


def free_port() -> int:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[bytes]) -> float:
    import socket

    started = time.perf_counter()
    while time.perf_counter() - started < 30:
        if process.poll() is not None:
            raise SystemExit("the server ended")
        try:
            with socket.create_connection(("127.0.0.1", port), 0.2):
                return time.perf_counter() - started
        except OSError:
            time.sleep(0.01)
    raise SystemExit("the server did not come up")


def load(port: int, connections: int, file: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.load", "127.0.0.1", str(port), str(connections), str(file)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return json.loads(done.stdout)


def cpu_seconds(pid: int) -> float:
    used = psutil.Process(pid).cpu_times()
    return used.user + used.system


def settings(folder: Path, port: int) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("QZ_")}
    return own | {
        "QZ_DATA_DIR": str(folder),
        "QZ_SERVER__PORT": str(port),
        "QZ_WECOM__CORP_ID": CORP,
        "QZ_WECOM__AIBOT__BOT_ID": "AIBbench",
        "QZ_WECOM__AIBOT__TOKEN": TOKEN,
        "QZ_WECOM__AIBOT__ENCODING_AES_KEY": KEY,
        "QZ_LOG_LEVEL": "warning",
    }


def register(environment: dict[str, str]) -> None:
    program = f"""
import asyncio, secrets
from pathlib import Path
from zoneinfo import ZoneInfo
from bot.domain.groups import *
from bot.domain.private import Opaque
from bot.domain.work_calendar import OfficeHours
from config.settings import load_settings
from storage.store import open_store
async def main():
    settings = load_settings()
    async with open_store(settings.database_url, settings.key_dir, secrets.token_bytes) as store:
        for n in range({GROUPS}):
            group = GroupProfile(GroupCode(f"g{{n}}"), f"g{{n}}", UnitCode(f"u{{n % 7}}"), LineCode(f"l{{n % 3}}"),
                                 40, ZoneInfo("Asia/Shanghai"), OfficeHours.parse("08:30-12:00,14:30-17:30"))
            await store.registry.put_group(group)
            await store.registry.bind("wecom", "{CORP}", Opaque(f"wr-bench-{{n}}"), group.code, False)
asyncio.run(main())
"""
    subprocess.run([sys.executable, "-c", program], check=True, env=environment, cwd=ROOT)


def in_books(folder: Path) -> tuple[int, int]:
    with sqlite3.connect(folder / "books.db") as books:
        seen = books.execute("select count(*) from seen").fetchone()[0]
        heard = books.execute("select sum(messages) from coverage").fetchone()[0]
    return seen, heard


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--connections", type=int, default=32)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        file = folder / "requests"
        write_requests(file, requests(asked.requests))
        data = folder / "data"
        port = free_port()
        environment = settings(data, port)
        register(environment)
        results = {}
        servers = {
            "bare": [sys.executable, "-c", BARE, str(port)],
            "ours": [sys.executable, "-m", "bot", "serve"],
        }
        for name, command in servers.items():
            process = subprocess.Popen(command, env=environment, cwd=ROOT)
            try:
                wait_for(port, process)
                if name == "bare":
                    load(port, asked.connections, file)
                before = cpu_seconds(process.pid)
                results[name] = load(port, asked.connections, file)
                results[name]["cpu_us"] = (
                    (cpu_seconds(process.pid) - before) / asked.requests * 1e6
                )
            finally:
                process.terminate()
                process.wait(30)
        seen, heard = in_books(data)
        bare, ours = results["bare"], results["ours"]
        print(f"bare aiohttp     {bare['per_second']:>9} /s   p99 {bare['p99_ms']} ms")
        print(f"durable callback {ours['per_second']:>9} /s   p99 {ours['p99_ms']} ms")
        print(
            f"ratio            {ours['per_second'] / bare['per_second']:.2f} at {asked.connections} connections"
        )
        print(
            f"CPU of a request {ours['cpu_us']:.0f} us, of a bare one {bare['cpu_us']:.0f} us: "
            f"ratio {bare['cpu_us'] / ours['cpu_us']:.2f}"
        )
        print(
            f"sent {asked.requests}, not 200: {ours['not_200']:.0f}, in the books {seen}, counted {heard}"
        )


if __name__ == "__main__":
    print(datetime.now(UTC).date())
    main()
