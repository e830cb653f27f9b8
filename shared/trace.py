"""The trace that the present invocation belongs to (W3C Trace Context, section 3.2: `traceparent`)."""

import re
import secrets
from contextvars import ContextVar, Token

_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_current: ContextVar[str] = ContextVar("traceparent", default="")


def begin(given: str | None) -> str:
    """Go on with the trace of the caller, or start a new one when there is none; return the new `traceparent`."""
    parent = valid(given)
    trace_id, flags = (parent[3:35], parent[-2:]) if parent else (secrets.token_hex(16), "01")
    traceparent = f"00-{trace_id}-{secrets.token_hex(8)}-{flags}"
    enter(traceparent)
    return traceparent


def valid(given: str | None) -> str:
    """Return what was given, or nothing when it is no `traceparent`."""
    return given if given and _TRACEPARENT.fullmatch(given) else ""


def enter(traceparent: str) -> Token[str]:
    """Make this `traceparent` the present one, until `leave`."""
    return _current.set(traceparent)


def leave(token: Token[str]) -> None:
    """Make the one before present again."""
    _current.reset(token)


def present() -> str:
    """Return the present `traceparent`; nothing where no trace has begun."""
    return _current.get()


def current() -> str:
    """Return the `traceparent` that events of this invocation carry."""
    return _current.get() or begin(None)


def trace_id() -> str:
    """Return the 32 hex digits that all parts of the trace share."""
    return current()[3:35]


def span_id() -> str:
    """Return the 16 hex digits of this part of the trace."""
    return current()[36:52]
