"""The log as one JSON object per line, for programs that collect logs; see `STUDIO_LOG`.

A line has time, level, logger and message, the fields that were given with it, and the trace of a
failure. No text of a user is ever part of a line: the studio logs ids, names of models and numbers.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """Formats a record as a line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _OWN}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def start(style: str) -> None:
    """Write the log of the studio to standard error from now on.

    Args:
        style: "json" for lines of JSON, anything else for plain lines.
    """
    handler = logging.StreamHandler()
    if style == "json":
        handler.setFormatter(JsonLines())
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s"))
    own = logging.getLogger("studio")
    own.handlers[:] = [handler]
    own.setLevel(logging.INFO)
    own.propagate = False
