"""Counts which pairs of characters every notice has, for `template_pairs.txt`.

    python -m config.model.count_pairs tests/corpus/dev_*.jsonl tests/corpus/extra_[a-j].jsonl \\
        --lines tests/corpus/lines/demands tests/rules/demands

Two lines come out: pairs so common that they say nothing of a demand's object, and usual ones.
What stands in neither is rare. Parts of organs' names are common by decree: they are addresses.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from bot.domain.normal_form import Normaliser
from bot.domain.sketches import pairs
from config.rulebook import load_normaliser

COMMON, USUAL = 24, 6
ADDRESSES = (
    "政法 法委 委政 民政 政办 政局 综治 治办 党政 县委 委宣 传部 委组 组织 织部 农业 业局 业农 急局 育局 健局 "
    "卫健 县局 县里 委办 公室 街道 县卫 县教 县民 县农 县应 镇党 镇民 生院 心校 业办 急办 建办"
)  # fmt: skip


def main() -> None:
    """Write the two lines to stdout's file beside this one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("transcripts", nargs="+", type=Path)
    parser.add_argument("--lines", nargs="*", type=Path, default=[])
    given = parser.parse_args()
    normal = load_normaliser()
    texts = [*_demands(given.transcripts), *_lines(given.lines)]
    counts = Counter(pair for text in texts for pair in _telling(text, normal))
    common = {pair for pair, n in counts.items() if n >= COMMON} | set(ADDRESSES.split())
    usual = {pair for pair, n in counts.items() if n >= USUAL} - common
    target = Path(__file__).with_name("template_pairs.txt")
    target.write_text("\n".join("".join(sorted(each)) for each in (common, usual)) + "\n", "utf-8")


def _demands(files: Iterable[Path]) -> Iterator[str]:
    for file in files:
        for line in file.read_text("utf-8").splitlines():
            row = json.loads(line)
            if row.get("label", {}).get("act") == "demand":
                yield row["text"]


def _lines(folders: Iterable[Path]) -> Iterator[str]:
    for folder in folders:
        for file in sorted(folder.glob("*.txt")):
            for line in file.read_text("utf-8").splitlines():
                if line and not line.startswith("#"):
                    yield line


def _telling(text: str, normal: Normaliser) -> set[str]:
    every = pairs(normal(text).text, most=len(text))
    return {pair for pair in every if not pair.isascii()}


if __name__ == "__main__":
    main()
