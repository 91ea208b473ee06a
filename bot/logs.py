"""Logs that can be shown to anybody: event names, counts and classes, never content."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog

from bot.scrubbing import SCRUBBED, looks_personal, scrubbed

_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}
_PACKAGES = ("bot", "handlers", "storage", "config")


class Log:
    """Writes events. An exception is named by class and place; its text is not written."""

    def __init__(self, logger: Any, incident: Callable[[], str]) -> None:
        self._logger = logger
        self._incident = incident

    def info(self, event: str, **values: object) -> None:
        """Something an operator may want to know."""
        self._logger.info(event, **values)

    def warning(self, event: str, **values: object) -> None:
        """Something an operator should look at."""
        self._logger.warning(event, **values)

    def fault(self, event: str, error: BaseException) -> str:
        """An error of ours; returns the incident's number, which can be quoted."""
        number = self._incident()
        self._logger.error(event, incident=number, error=type(error).__name__, at=_place(error))
        return number


def _place(error: BaseException) -> str:
    """The innermost line of our own code, as module:line; never the source line itself."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if any(part in _PACKAGES for part in Path(frame.filename).parts)
    ]
    if not frames:
        return "elsewhere"
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}"


def set_up_logging(level: str, incident: Callable[[], str]) -> Log:
    """JSON lines on stderr. Other people's loggers speak from warning on, without tracebacks."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            scrubbed,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Bare())
    handler.addFilter(_WithoutPeople())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    return Log(structlog.get_logger(), incident)


class _WithoutPeople(logging.Filter):
    """Drops a library's record that holds what looks like a person's; none should ever."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not looks_personal(record.getMessage()):
            return True
        record.name = SCRUBBED
        return True


class _Bare(logging.Formatter):
    """A library's record without its message: that may hold ids, paths with queries or bodies."""

    def format(self, record: logging.LogRecord) -> str:
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
        return (
            f'{{"event": "library", "level": "{record.levelname.lower()}", '
            f'"logger": "{record.name}", "at": "{record.module}:{record.lineno}", "error": "{error}"}}'
        )
