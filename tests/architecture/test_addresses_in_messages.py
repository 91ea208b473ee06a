"""Nothing that a message says is called, but a reply address by the way through bot.platforms.hooks."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OURS = ("bot", "handlers", "storage", "config")
# They play a platform on this machine, and are no part of a running bot.
PLAYS = ("bot/standins/", "bot/demo/")

# Every place that opens a connection, with where its address comes from.
CALLERS = {
    "bot/platforms/dingtalk/client.py": "the operator's base",
    "bot/platforms/dingtalk/gateway.py": "the operator's base, and what it answers over TLS",
    "bot/platforms/dingtalk/transport.py": "its callers: bases, and reply addresses by Hooks",
    "bot/platforms/mail/client.py": "the operator's setting",
    "bot/platforms/wecom/long_connection.py": "the operator's setting",
    "bot/platforms/wecom/transport.py": "its callers: bases, and reply addresses by Hooks",
    "bot/platforms/zwdd/client.py": "the operator's base, and reply addresses by Hooks",
}
OTHER_WAYS = {"urllib.request", "http.client", "requests", "httpx", "urllib3", "ftplib", "smtplib"}
ADDRESS_FIELDS = {"response_url", "sessionWebhook", "endpoint"}  # the last is the gateway's
# Names that one module writes into what it sends and reads nowhere: a picture's media id, the
# operator's own address for clicks.
WRITTEN = {
    ("bot/platforms/dingtalk/markup.py", "photoURL"),
    ("bot/platforms/dingtalk/client.py", "callbackUrl"),
}
VERBS = {"get", "post", "put", "patch", "delete", "head", "options", "request", "ws_connect"}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for room in OURS:
        for path in sorted((ROOT / room).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith(PLAYS):
                yield name, ast.parse(path.read_text("utf-8"))


def is_a_call_out(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    called = node.func
    if isinstance(called, ast.Attribute):
        of = ast.unparse(called.value).lower()
        return (called.attr in VERBS and "session" in of) or called.attr in (
            "open_connection",
            "create_connection",
        )
    return False


def test_connections_are_opened_in_known_places_only() -> None:
    calling = {
        name for name, tree in modules() if any(is_a_call_out(node) for node in ast.walk(tree))
    }
    assert calling == set(CALLERS)


def test_no_other_client_is_used() -> None:
    for name, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                imported = {each.name for each in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported = {f"{node.module}.{each.name}" for each in node.names} | {
                    str(node.module)
                }
            else:
                continue
            allowed = {"smtplib"} if name == "bot/platforms/mail/client.py" else set()
            assert not imported & OTHER_WAYS - allowed, name


def test_no_field_of_a_message_but_the_reply_addresses_is_read_as_an_address() -> None:
    read = {
        node.value
        for name, tree in modules()
        if name.startswith("bot/platforms/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(
            r"[A-Za-z_]*([uU]rl|URL|[uU]ri|[hH]ref|[eE]ndpoint|_?[wW]ebhook)", node.value
        )
        and (name, node.value) not in WRITTEN
    }
    assert read - {"webhook"} == ADDRESS_FIELDS  # "webhook" is an error's code


def test_whoever_opens_a_reply_address_asks_whether_it_may_be_called() -> None:
    opening = 0
    for name, tree in modules():
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            reveals = any(
                isinstance(node, ast.Call)
                and re.fullmatch(r"(.*\.)?hook\.reveal", ast.unparse(node.func))
                for node in ast.walk(function)
            )
            if reveals:
                opening += 1
                body = ast.unparse(function)
                assert ".session_for(" in body, f"{name}:{function.name}"
                assert "self._session" not in body, f"{name}:{function.name}"
    assert opening >= 3
