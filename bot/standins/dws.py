"""A stand-in for the platform's `dws` command: `python -m bot.standins.dws FOLDER event consume …`.

What is written to FOLDER/events (a line each) is told, as long as it runs; at the line "break" it
dies, once, and notes that in FOLDER/broken. FOLDER/history.json is what `chat message list` answers;
FOLDER/refusal is told instead, and the command ends. It notes its arguments in FOLDER/calls, and in
FOLDER/ended that it was ended gently.
"""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

_LOOKS_EVERY_SECONDS = 0.02


def main(arguments: list[str]) -> int:
    """Returns the exit code."""
    folder, words = Path(arguments[0]), arguments[1:]
    with folder.joinpath("calls").open("a", encoding="utf-8") as calls:
        calls.write(" ".join(words) + "\n")
    if words[:3] == ["chat", "message", "list"]:
        sys.stdout.write(folder.joinpath("history.json").read_text("utf-8"))
        return 0
    refusal = folder / "refusal"
    if refusal.exists():
        sys.stdout.write(refusal.read_text("utf-8") + "\n")
        refusal.unlink()
        return 1
    _listen(folder)
    return 0


def _listen(folder: Path) -> None:
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    sys.stderr.write("connected bus pid=1\n[event] ready event_key=im subscribe_id=sub1\n")
    sys.stderr.flush()
    told, events, broken = 0, folder / "events", folder / "broken"
    while not stopped.wait(_LOOKS_EVERY_SECONDS):
        lines = events.read_bytes().splitlines() if events.exists() else []
        for line in lines[told:]:
            if line == b"break":
                if not broken.exists():
                    broken.touch()
                    return
                continue
            sys.stdout.buffer.write(line + b"\n")
        sys.stdout.flush()
        told = len(lines)
    folder.joinpath("ended").touch()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
