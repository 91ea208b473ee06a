"""The exit codes by which the solver's process says why it has no answer."""

from __future__ import annotations

NO_SOLVER, NO_TIME, NO_MEMORY = 3, 4, 5
