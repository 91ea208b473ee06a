"""Makes the type that the wheel carries: two subsets of Noto CJK under names of their own.

    python deploy/fonts/make_fonts.py NOTO_FOLDER UNIHAN_FOLDER

NOTO_FOLDER holds NotoSansCJK-Regular.ttc and NotoSerifCJK-Regular.ttc (Debian: fonts-noto-cjk),
UNIHAN_FOLDER the tables of the Unicode Han database, plain or .bz2 (Debian: unicode-data). Kept are
GB 2312, the 8 105 characters of the General Standard Table of 2013 (place names among them), Latin
and punctuation. They bear names of their own, so that a Noto of the machine cannot stand in for
them unseen. Needs fontTools (in the dev group).
"""

from __future__ import annotations

import bz2
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

HERE = Path(__file__).resolve().parents[2] / "bot" / "renderings" / "fonts"
FAMILIES = {"Sans": "Qingzhuang Hei", "Serif": "Qingzhuang Song"}
SIGNS = "‘’“”–—…·•−×÷±≤≥≈≠→←↑↓①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳〇〈〉《》「」『』【】〔〕〓※％‰℃№●○■□▲△★☆✓✗"


def standard_table(folder: Path) -> set[int]:
    """The characters of the General Standard Table (Unihan's kTGH)."""
    found: set[int] = set()
    for path in sorted(folder.glob("Unihan_*.txt*")):
        data = path.read_bytes()
        text = (bz2.decompress(data) if path.suffix == ".bz2" else data).decode("utf-8")
        rows = (line.split("\t") for line in text.splitlines() if "\tkTGH\t" in line)
        found |= {int(row[0].removeprefix("U+"), 16) for row in rows}
    return found


def gb2312() -> set[int]:
    """The characters of GB 2312."""
    found: set[int] = set()
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            found |= {ord(one) for one in bytes((row, cell)).decode("gb2312", "ignore")}
    return found


def renamed(font: TTFont, family: str) -> None:
    """Give the font another name; its licence and authors stay in it."""
    postscript = family.replace(" ", "")
    names = {1: family, 16: family, 4: family, 6: f"{postscript}-Regular"}
    names[3] = f"1.0;qingzhuang;{postscript}"
    for record in font["name"].names:
        record.string = names.get(record.nameID, record.toUnicode())
    held = font["CFF "].cff
    held.fontNames = [f"{postscript}-Regular"]
    held.topDictIndex[0].FamilyName = held.topDictIndex[0].FullName = family


def main(noto: Path, unihan: Path) -> None:
    """Write both fonts and the list of what both can show."""
    wanted = standard_table(unihan) | gb2312() | set(range(0x20, 0x7F)) | set(range(0xA0, 0x180))
    wanted |= set(map(ord, SIGNS)) | set(range(0xFF01, 0xFF5F))
    shown = wanted
    for kind, family in FAMILIES.items():
        fonts = TTCollection(str(noto / f"Noto{kind}CJK-Regular.ttc")).fonts
        font = next(one for one in fonts if one["name"].getDebugName(1) == f"Noto {kind} CJK SC")
        options = subset.Options()
        options.name_IDs, options.name_languages = ["*"], [0x409]
        options.layout_features, options.hinting = [], False
        options.notdef_outline, options.recalc_timestamp = True, False
        options.drop_tables += ["VORG", "vhea", "vmtx", "BASE"]
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=wanted)
        cutter.subset(font)
        renamed(font, family)
        font.save(HERE / f"{family.replace(' ', '')}.otf")
        shown = shown & set(font.getBestCmap())
    kept = "".join(map(chr, sorted(shown - {0x20, 0xA0})))
    (HERE / "characters.txt").write_text(kept + "\n", "utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
