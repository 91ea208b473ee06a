"""How far judgement depends on how the same words are typed.

    python -m bench.typed_otherwise [TRANSCRIPT…]

Every message of the transcripts (those that nothing learned from, where none is named) is typed otherwise,
and each group judged anew. A row is for one way of typing: of the burdens that are found in the words as
they are, how many are lost, how many messages become burdens, and of what is found both times how many
have other kinds or another deadline. `SAME` changes nothing that is said and should change no row.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import opencc

from bot.domain.judging import Judge
from bot.platforms.transcripts import told_by_lines
from config.calendar import load_calendar
from config.rulebook import load_rulebook
from handlers.classify import ClassifyTranscript

CORPUS = Path(__file__).resolve().parents[1] / "tests" / "corpus"
UNSEEN = (
    CORPUS / "heldout.jsonl",
    *(CORPUS / name / "messages.jsonl" for name in ("sealed", "sealed_2", "sealed_3", "sealed_4")),
)
BURDENS = ("demand", "reminder")
_VERDICT = ("act", "kinds", "ping", "off_hours", "episode", "deadline", "exempt")
_SPLIT = re.compile("截图|接龙|打卡|照片|台账|签到|开会|上报|报送|填表|收到|抓紧")
_HOURS = "零一二三四五六七八九十"
_TRADITIONAL = opencc.OpenCC("s2t")

Typed = Callable[[str, random.Random], str]


def with_marks(text: str, chance: random.Random) -> str:
    """With marks of no width behind three characters in ten."""
    marks = "\u200b\u200d\u2060\ufeff"
    return "".join(c + chance.choice(marks) if chance.random() < 0.3 else c for c in text)


def in_full_width(text: str, _: random.Random) -> str:
    """Figures, letters and stops as wide as Chinese characters."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def in_half_width(text: str, _: random.Random) -> str:
    """The stops of a keyboard that types English."""
    return text.translate(str.maketrans("，。！？：；（）", ",.!?:;()"))


def with_blanks_for_stops(text: str, _: random.Random) -> str:
    """As who types no stops at all."""
    return re.sub("[,。!?;，！？；]", " ", text)


def in_lines(text: str, _: random.Random) -> str:
    """Each sentence in a line of its own."""
    return re.sub("([。;；])(?=.)", r"\1\n", text)


def with_hours_in_characters(text: str, _: random.Random) -> str:
    """三点 for 3点."""
    return re.sub(r"(?<!\d)(\d|10)(?=点)", lambda found: _HOURS[int(found[0])], text)


SAME: Mapping[str, Typed] = {
    "Traditional script": lambda text, _: _TRADITIONAL.convert(text),
    "marks of no width": with_marks,
    "full width": in_full_width,
    "capitals": lambda text, _: text.upper(),
    "marks of direction": lambda text, _: f"\u202d{text}\u202c",
    "blanks at the edges": lambda text, _: f" \n{text}\n\n ",
    "~~ at the end": lambda text, _: f"{text}~~",
    "[强] at the end": lambda text, _: f"{text}[强]",
    "🙏 at the end": lambda text, _: f"{text} 🙏🏻",
}
OTHERWISE: Mapping[str, Typed] = {
    "split words": lambda text, _: _SPLIT.sub(lambda found: " ".join(found[0]), text),
    "stops of half width": in_half_width,
    "blanks for stops": with_blanks_for_stops,
    "a line for each sentence": in_lines,
    "hours in characters": with_hours_in_characters,
    "[捂脸] at the end": lambda text, _: f"{text}[捂脸]",
    "!!! at the end": lambda text, _: f"{text}！！！",
}


def judged(judge: Judge, lines: Iterable[str], typed: Typed | None = None) -> dict[str, Any]:
    """What is found in the messages of a transcript, by their ids; without the places of words."""
    chance = random.Random(7)
    told = []
    for row in map(json.loads, lines):
        if typed is not None and "text" in row:
            row["text"] = typed(row["text"], chance)
        told.append(json.dumps(row, ensure_ascii=False))
    classify = ClassifyTranscript(judge, random.Random(1).randbytes)
    rows = classify(told_by_lines(told, "typed otherwise"))
    return {row["id"]: {name: row[name] for name in _VERDICT} for row in rows}


def main() -> None:
    """Print a row for each way of typing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("transcripts", nargs="*", type=Path, default=UNSEEN)
    files = [path.read_text("utf-8").splitlines() for path in parser.parse_args().transcripts]
    lines = [[line for line in file if line.strip()] for file in files]
    judge = Judge(load_rulebook(), load_calendar())
    plain = {
        (n, key): row for n, own in enumerate(lines) for key, row in judged(judge, own).items()
    }
    burdens = {key for key, row in plain.items() if row["act"] in BURDENS}
    print(f"{len(plain)} messages, {len(burdens)} burdens")
    print(f"{'typed':<26}{'lost':>6}{'gained':>8}{'kinds':>7}{'deadlines':>11}")
    for name, typed in (SAME | OTHERWISE).items():
        other = {
            (n, key): row
            for n, own in enumerate(lines)
            for key, row in judged(judge, own, typed).items()
        }
        found = {key for key, row in other.items() if row["act"] in BURDENS}
        both = found & burdens
        kinds = sum(plain[key]["kinds"] != other[key]["kinds"] for key in both)
        due = sum(plain[key]["deadline"] != other[key]["deadline"] for key in both)
        print(f"{name:<26}{len(burdens - found):>6}{len(found - burdens):>8}{kinds:>7}{due:>11}")


if __name__ == "__main__":
    main()
