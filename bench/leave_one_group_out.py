"""Scores judgement on each labelled group with a model that never saw that group.

python bench/leave_one_group_out.py [--errors N] [--bootstrap N] [--extra FILE…] [--found FILE]

The first look is trained without the group. The second look, whose few weights cost most of the
time, is trained once, without any of the groups that are scored.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import random
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bot.domain.judging import Judge  # noqa: E402
from bot.platforms.transcripts import told_by_lines  # noqa: E402
from config.calendar import load_calendar  # noqa: E402
from config.model.edges import edged_lines  # noqa: E402
from config.model.follow_ups import told_follow_ups  # noqa: E402
from config.model.samples import Collector, Sample, told_groups, told_lines  # noqa: E402
from config.model.train import (  # noqa: E402
    Written,
    as_model,
    first_look,
    samples_of,
    second_look,
)
from config.rulebook import load_rulebook  # noqa: E402
from handlers.classify import ClassifyTranscript  # noqa: E402

CORPUS = ROOT / "tests" / "corpus"
SHOWN = ("burden", "demand", "reminder", "cancel", "kind_micro", "ping", "off_hours")


def scorer():
    spec = importlib.util.spec_from_file_location("score", CORPUS / "score.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def groups_of(path: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in path.read_text("utf-8").splitlines():
        if line.strip():
            found.setdefault(json.loads(line)["group"], []).append(line)
    return found


def judged(task: tuple[list[Sample], dict[str, Any], list[str]]) -> list[dict]:
    samples, second, lines = task
    judge = Judge(load_rulebook(model=as_model(first_look(samples) | second)), load_calendar())
    classify = ClassifyTranscript(judge, random.Random(1).randbytes)
    return list(classify(told_by_lines(lines, "held out")))


def figures(score, lines: list[str], rows: list[dict]) -> tuple[dict, list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        gold, found = Path(folder, "gold"), Path(folder, "found")
        gold.write_text("\n".join(lines), "utf-8")
        found.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
        return score.score(str(gold), str(found))


def exempt_f1(lines: list[str], rows: list[dict]) -> float:
    """Of the burdens that serve an emergency, which score.py does not ask for."""
    labels = {
        row["id"]: row["label"]["exempt"] for row in map(json.loads, lines) if "label" in row
    }
    wanted = {name for name, exempt in labels.items() if exempt}
    found = {row["id"] for row in rows if row["exempt"]}
    return 2 * len(wanted & found) / max(1, len(wanted) + len(found))


def flat(report: dict) -> dict[str, float]:
    out = {"burden": report["burden"]["f1"]}
    out |= {act: row["f1"] for act, row in report["act"].items()}
    out |= {name: report[name]["f1"] for name in ("kind_micro", "ping", "off_hours")}
    out |= {f"kind {kind}": row["f1"] for kind, row in report["kind"].items()}
    out["deadline right"] = report["deadline"]["right"]
    out["false deadlines"] = report["deadline"]["false"] / (
        report["messages"] - report["deadline"]["n"]
    )
    out["b-cubed"] = report["episode_b_cubed_f1"]
    out["count error"] = report["episode_count_error"]["share"]
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--errors", type=int, default=0)
    parser.add_argument("--bootstrap", type=int, default=0)
    parser.add_argument(
        "--extra", nargs="*", type=Path, default=sorted(CORPUS.glob("extra_*.jsonl"))
    )
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--found", type=Path, help="where to write what was judged, for causes")
    asked = parser.parse_args()
    collector = Collector()
    held = groups_of(CORPUS / "dev_a.jsonl") | groups_of(CORPUS / "dev_b.jsonl")
    dev = [s for n in ("dev_a", "dev_b") for s in collector.samples(CORPUS / f"{n}.jsonl")]
    told = [group for path in asked.extra for group in told_groups(path)]
    first_words = [*told_lines(ROOT / "tests" / "rules"), *told_lines(CORPUS / "lines")]
    first_words += edged_lines(first_words)
    written = Written(told, first_words, told_follow_ups(CORPUS / "follow_ups"))
    more = samples_of(collector, written)
    second = second_look(more, written)
    names = [name for name in held if not asked.only or name in asked.only]
    tasks = [
        ([s for s in dev if s.group.rpartition(":")[2] != name] + more, second, held[name])
        for name in names
    ]
    with ProcessPoolExecutor(asked.jobs) as pool:
        rows = dict(zip(names, pool.map(judged, tasks), strict=True))
    if asked.found:
        told_rows = [json.dumps(row, ensure_ascii=False) for name in names for row in rows[name]]
        asked.found.write_text("\n".join(told_rows) + "\n", "utf-8")
    score = scorer()
    lines = [line for name in names for line in held[name]]
    everything, errors = figures(score, lines, [row for name in names for row in rows[name]])
    judged_rows = [row for name in names for row in rows[name]]
    whole = flat(everything) | {"exempt": exempt_f1(lines, judged_rows)}
    drawn: dict[str, list[float]] = {name: [] for name in whole}
    chance = random.Random(1)
    for _ in range(asked.bootstrap):
        picked = [chance.choice(names) for _ in names]
        again, found = [], []
        for turn, name in enumerate(picked):
            suffix = f"~{turn}"
            for line in held[name]:
                row = json.loads(line)
                row["group"] += suffix
                if "id" in row:
                    row["id"] += suffix
                again.append(json.dumps(row))
            found += [{**row, "id": row["id"] + suffix} for row in rows[name]]
        report = flat(figures(score, again, found)[0]) | {"exempt": exempt_f1(again, found)}
        for name in whole:
            if name in report:
                drawn[name].append(report[name])
    for name, value in whole.items():
        spread = sorted(drawn[name])
        between = ""
        if spread:
            low, high = spread[int(0.025 * len(spread))], spread[int(0.975 * len(spread)) - 1]
            between = f"  {low:.3f} to {high:.3f}"
        print(f"{name:<24} {value:.3f}{between}")
    for name in names:
        one = flat(figures(score, held[name], rows[name])[0])
        print(
            name, " ".join(f"{key} {one[key]:.2f}" for key in (*SHOWN, "b-cubed", "count error"))
        )
    for line in errors[: asked.errors]:
        print(line)


if __name__ == "__main__":
    main()
