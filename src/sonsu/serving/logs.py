"""Logs as JSON lines: what was asked and how it went, never what a picture shows or what its file is called."""

import json
import logging
import time
from typing import Any

_KEYS = ("route", "method", "status", "ms", "bytes", "pictures", "url", "version", "model")


class JsonLines(logging.Formatter):
    """One JSON object a record."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line."""
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, Any] = {
            "time": f"{at}.{record.msecs:03.0f}Z",
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        line |= {key: getattr(record, key) for key in _KEYS if hasattr(record, key)}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def config(level: str) -> dict[str, Any]:
    """The logging configuration of a server: everything to stderr as JSON lines."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": JsonLines}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {"sonsu": {"level": level.upper()}, "uvicorn": {"level": "WARNING"}},
    }
