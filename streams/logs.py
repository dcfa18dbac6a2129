"""Log lines on stderr: plain for people, JSON for machines; what libraries chatter about is left out."""

from __future__ import annotations

import datetime as dt
import json
import logging

from streams.settings import Settings

LOUD = ("faust", "streams.app", "mode", "aiokafka", "aiohttp", "asyncio", "trafilatura")
"""Libraries that tell at info what only their developers want to know; below debug they speak from warning on."""
HOPELESS = (
    "faust.transport.drivers.aiokafka",
    "streams.handover",  # as Faust's consumer; its own warnings come under the name of ours
    "aiokafka.consumer.group_coordinator",
    "aiokafka.cluster",
    "mode.timers",
)
"""They warn about what is ordinary here (a partition without records, a rebalance, a broker that restarts)."""


REPEAT_SECONDS = 10.0
"""The least time between two lines of the same wording from a library; with a broker gone some come ten a second."""


class Seldom(logging.Filter):
    """Lets a library's line through once in a while; our own lines always."""

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether to log ``record``; its wording is the template, which libraries have few of."""
        if record.name.startswith("detente"):
            return True
        wording = (record.name, str(record.msg))
        due = record.created - self._last.get(wording, 0.0) >= REPEAT_SECONDS
        if due:
            self._last[wording] = record.created
        return due


class Plain(logging.Formatter):
    """``12:30:01 warning ledger: what happened``."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line; a traceback only follows where one was asked for."""
        at = dt.datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        line = f"{at} {record.levelname.lower():<7} {record.name.removeprefix('detente.')}: {record.getMessage()}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class Json(logging.Formatter):
    """One JSON object a line, with the fields that ``extra={"fields": {...}}`` adds."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        at = dt.datetime.fromtimestamp(record.created, dt.timezone.utc)
        told: dict[str, object] = {
            "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        told.update(getattr(record, "fields", {}))
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False, default=str)


def configure(settings: Settings) -> None:
    """Set up logging for a process; calling it again replaces what was there."""
    handler = logging.StreamHandler()
    handler.setFormatter(Json() if settings.log_format == "json" else Plain())
    if settings.log_level != "debug":
        handler.addFilter(Seldom())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    level = logging.getLevelName(settings.log_level.upper())
    root.setLevel(level)
    quiet = level > logging.DEBUG
    for name in LOUD:
        logging.getLogger(name).setLevel(max(level, logging.WARNING) if quiet else logging.INFO)
    for name in HOPELESS:
        logging.getLogger(name).setLevel(logging.ERROR if quiet else logging.INFO)
    # kafka-python logs each attempt to connect as an error, and then raises what we turn into one message.
    logging.getLogger("kafka").setLevel(logging.CRITICAL if quiet else logging.INFO)


def logger(name: str) -> logging.Logger:
    """Return the logger of one of our own parts."""
    return logging.getLogger(f"detente.{name}")
