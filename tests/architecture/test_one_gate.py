"""Every figure leaves through one gate: whoever reads counts stands in a list, with the reason."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from bot.metrics import Metrics

ROOT = Path(__file__).resolve().parents[2]
OURS = ("bot", "handlers", "storage", "config")

READERS = {
    ("handlers.publish_digest", "tallies"): "gives them to protect, and to nobody else",
    ("handlers.publish_digest", "corrected"): "the same, for a further issue of a week",
    ("handlers.keep_log", "tallies"): "commits to them with random bytes; the log holds no count",
    ("handlers.watch_moves", "tallies"): "says that a measure moved, and no number",
    ("handlers.watch_moves", "running"): "the same",
    ("handlers.react", "running"): "tells a group, a unit or a line of its own limit",
    ("handlers.react", "summed"): "the same, for months and years",
    ("handlers.commands.status", "standing"): "tells a group of itself",
    ("handlers.commands.precheck", "standing"): "the same",
}
"""Ports that give exact counts, by who may call them and why that is no other way out."""

COUNTING = {
    "bot.domain.tallies": "what they are",
    "bot.domain.limits": "holds them against limits",
    "bot.domain.over_limits": "inside the gate",
    "bot.domain.anonymity": "the gate",
    "handlers.ports": "the ports that give them",
    **{f"handlers.{name}": "see READERS" for name in ("publish_digest", "watch_moves", "react")},
    "handlers.commands.status": "see READERS",
}
"""Modules outside storage that may name a table of exact counts."""

SEALED = {
    "ProtectedTable": "bot.domain.anonymity",
    "GatedComplaints": "bot.domain.complaint_release",
}
LABELS = {"route", "outcome", "door", "reason", "step", "le", "quantile"}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for top in OURS:
        for path in sorted((ROOT / top).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            yield name, ast.parse(path.read_text("utf-8"))


def calls(tree: ast.Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def ports_of_counts() -> Iterator[str]:
    """What a port is called that answers with a table of exact counts."""
    for name, tree in modules():
        for node in ast.walk(tree) if name == "handlers.ports" else ():
            is_port = isinstance(node, ast.AsyncFunctionDef) and node.returns is not None
            if is_port and ast.unparse(node.returns) == "CountTable":
                yield node.name


def test_whoever_asks_for_exact_counts_is_known() -> None:
    ports = set(ports_of_counts())

    found = {
        (name, call.func.attr)
        for name, tree in modules()
        if not name.startswith("storage")
        for call in calls(tree)
        if isinstance(call.func, ast.Attribute) and call.func.attr in ports
    }

    assert found == READERS.keys()


def test_whoever_holds_exact_counts_is_known() -> None:
    found = {
        name
        for name, tree in modules()
        if not name.startswith("storage")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and node.module == "bot.domain.tallies"
        and {alias.name for alias in node.names} & {"CountTable", "Cell", "Numbers"}
    }

    assert found | {"bot.domain.tallies"} == COUNTING.keys()


def test_what_may_be_printed_is_made_in_one_place() -> None:
    for sealed, home in SEALED.items():
        makers = {
            name
            for name, tree in modules()
            for call in calls(tree)
            if isinstance(call.func, ast.Name) and call.func.id == sealed
        }
        assert makers == {home}


def test_a_digest_is_composed_from_the_gate_s_result_and_from_nothing_else() -> None:
    """The publisher alone calls the gate; what composes and renders imports no counts (above)."""
    callers = {
        name
        for name, tree in modules()
        for call in calls(tree)
        if isinstance(call.func, ast.Name) and call.func.id in {"protect", "compose_digest"}
    }

    assert callers == {"handlers.publish_digest"}


def test_metrics_have_no_label_for_anybody() -> None:
    """Routes, doors, outcomes and steps; no group, unit or person."""
    collected = Metrics().registry.collect()
    known = {
        label
        for metric in Metrics().registry._collector_to_names
        for label in getattr(metric, "_labelnames", ())
    }

    assert list(collected)
    assert known <= LABELS
    assert known
