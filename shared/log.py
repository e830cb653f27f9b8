"""Structured logs: one JSON line per invocation, its context bound once. No secrets, no titles."""

import logging
import sys
from collections.abc import MutableMapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TextIO

import structlog
from structlog.tracebacks import ExceptionDictTransformer

# A dictionary, not structlog's context variables: what the inner handler binds has to reach the line of the edge.
_context: ContextVar[dict[str, Any] | None] = ContextVar("log_context", default=None)


def begin(**values: object) -> dict[str, Any]:
    """Start the context of one invocation and return it."""
    context = dict(values)
    _context.set(context)
    return context


def bind(**values: object) -> None:
    """Add to the context of the present invocation: event id, task id, user id."""
    context = _context.get()
    if context is not None:
        context.update(values)


_LARGE = 50_000_000  # bytes; a log file of this size is put aside at the next start


def open_file(path: Path) -> TextIO:
    """Return a log file to append to; one that has grown large is put aside first."""
    if path.exists() and path.stat().st_size > _LARGE:
        path.replace(path.with_suffix(".1.log"))
    return path.open("a", buffering=1)


def configure(level: str = "info", file: TextIO = sys.stderr) -> None:
    """Write JSON lines to `file`, at `level` and above."""
    structlog.configure(
        processors=[
            _with_context,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # Without the local variables of each frame: they hold titles and tokens.
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(file=file),
        cache_logger_on_first_use=True,
    )


def _with_context(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in (_context.get() or {}).items():
        event.setdefault(name, value)
    return event
