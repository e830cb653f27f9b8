"""The trace that the present invocation belongs to (W3C Trace Context, section 3.2: `traceparent`)."""

import re
import secrets
from contextvars import ContextVar

_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_current: ContextVar[str] = ContextVar("traceparent", default="")


def begin(given: str | None) -> str:
    """Go on with the trace of the caller, or start a new one when there is none; return the new `traceparent`."""
    valid = given is not None and _TRACEPARENT.fullmatch(given)
    trace_id, flags = (given[3:35], given[-2:]) if valid and given else (secrets.token_hex(16), "01")
    traceparent = f"00-{trace_id}-{secrets.token_hex(8)}-{flags}"
    _current.set(traceparent)
    return traceparent


def current() -> str:
    """Return the `traceparent` that events of this invocation carry."""
    return _current.get() or begin(None)


def trace_id() -> str:
    """Return the 32 hex digits that all parts of the trace share."""
    return current()[3:35]
