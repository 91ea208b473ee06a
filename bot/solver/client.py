"""The Solve port: a child process for each programme, killed when its time is over."""

from __future__ import annotations

import importlib.util
import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.releases import Programme, Statement, Unsolved, Why
from bot.solver.exits import NO_MEMORY, NO_SOLVER, NO_TIME

_WHY = {
    NO_SOLVER: Why.ABSENT,
    NO_TIME: Why.TIME,
    NO_MEMORY: Why.TOO_LARGE,
    -signal.SIGKILL: Why.TOO_LARGE,  # what a system does that runs out of memory
}


@dataclass(frozen=True, slots=True)
class SolverProcess:
    """Answers in at most `seconds`, and `to_start` more for starting, or raises Unsolved."""

    seconds: float
    to_start: float = 10.0
    command: tuple[str, ...] = (sys.executable, "-m", "bot.solver.child")

    @property
    def is_installed(self) -> bool:
        """Whether there is a solver to ask."""
        return importlib.util.find_spec("highspy") is not None

    def __call__(self, programme: Programme, questions: Sequence[Statement]) -> Sequence[bool]:
        """See bot.domain.releases.Solve."""
        asked = {
            "cells": programme.cells,
            "said": programme.said,
            "questions": questions,
            "seconds": self.seconds,
        }
        try:
            done = subprocess.run(  # noqa: S603  our own interpreter and module
                self.command,
                input=json.dumps(asked).encode(),
                capture_output=True,
                timeout=self.seconds + self.to_start,
                check=True,
            )
            found = json.loads(done.stdout)
        except subprocess.TimeoutExpired:
            raise Unsolved(Why.TIME) from None
        except subprocess.CalledProcessError as ended:
            raise Unsolved(_WHY.get(ended.returncode, Why.FAILED)) from None
        except MemoryError:
            raise Unsolved(Why.TOO_LARGE) from None
        except (OSError, ValueError, subprocess.SubprocessError):
            raise Unsolved from None
        if not isinstance(found, list) or len(found) != len(questions):
            raise Unsolved
        return [each is True for each in found]
