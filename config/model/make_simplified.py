"""Makes the table of Traditional characters from OpenCC (a development step, no run-time need)."""

from __future__ import annotations

from pathlib import Path

import opencc

TABLE = Path(__file__).with_name("simplified.txt")
# Shapes that are not in OpenCC's table of characters: Japanese forms that input methods offer.
JAPANESE = {"図": "图", "単": "单", "会": "会", "報": "报", "発": "发", "関": "关", "対": "对"}


def pairs() -> dict[str, str]:
    """Each character of the common blocks that is written otherwise in Simplified script."""
    converter = opencc.OpenCC("t2s")
    found = {}
    for code in range(0x4E00, 0x9FFF + 1):
        character = chr(code)
        plain = converter.convert(character)
        if plain != character and len(plain) == 1:
            found[character] = plain
    found.update({odd: plain for odd, plain in JAPANESE.items() if odd != plain})
    return dict(sorted(found.items()))


def main() -> None:
    """Write the table: one line of characters, one line of what each becomes."""
    table = pairs()
    TABLE.write_text("".join(table) + "\n" + "".join(table.values()) + "\n", "utf-8")


if __name__ == "__main__":
    main()
