"""Messages a second of `qingzhuang import`, and whether its memory stays flat.

    python -m bench.importing [--messages N]

The transcript is the labelled corpus, written again and again as other groups. Imported twice:
a tenth of it, then all of it, each into a new folder and in a process of its own, with the start,
the close of its weeks and their digests. "reading alone" is a process that parses the file.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from bench.measuring import ROOT, own_environment, ran

CORPUS = ("dev_a", "dev_b")
READING = (
    "import sys, json\nfor line in open(sys.argv[1], encoding='utf-8'):\n    json.loads(line)\n"
)


def write_transcript(path: Path, messages: int) -> None:
    """A transcript of so many messages, group after group."""
    rows = [
        json.loads(line)
        for name in CORPUS
        for line in (ROOT / "tests" / "corpus" / f"{name}.jsonl").read_text("utf-8").splitlines()
    ]
    # Labels stand in the corpus for its own scoring; a transcript has none.
    rows = [{key: value for key, value in row.items() if key != "label"} for row in rows]
    written = copy = 0
    with path.open("w", encoding="utf-8") as file:
        while written < messages:
            for row in rows:
                if written == messages:
                    break
                told = row | {"group": f"{row['group']}-{copy}"}
                if "id" in row:
                    told["id"] = f"{row['id']}-{copy}"
                    written += 1
                if row.get("reply_to"):
                    told["reply_to"] = f"{row['reply_to']}-{copy}"
                file.write(json.dumps(told, ensure_ascii=False) + "\n")
            copy += 1


def run(messages: int) -> dict[str, float]:
    """Rates and peaks."""
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name, count in (("tenth", messages // 10), ("all", messages)):
            file = folder / f"{name}.jsonl"
            write_transcript(file, count)
            command = [sys.executable, "-m", "bot", "import", str(file), "--no-progress"]
            took = ran(command, own_environment(folder / name))
            found[f"{name}: messages"] = count
            found[f"{name}: messages/s"] = count / took.seconds
            found[f"{name}: CPU µs a message"] = took.cpu_seconds / count * 1e6
            found[f"{name}: peak MB"] = took.peak_mb
        alone = ran([sys.executable, "-c", READING, str(folder / "all.jsonl")])
        found["reading alone: messages/s"] = messages / alone.seconds
        found["reading alone: peak MB"] = alone.peak_mb
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=200_000)
    for what, number in run(parser.parse_args().messages).items():
        print(f"{what:<28}{number:>12,.0f}")


if __name__ == "__main__":
    main()
