"""What every answer to the outside carries: rules for browsers (Fetch, CSP, RFC 6797), and who may read it (CORS).

The API is for programs: a browser must neither guess its types, keep its answers, nor show them in a frame. A function
that serves pages says what differs in its own answer.
"""

from collections.abc import Iterable

from starlette.responses import Response

from shared.settings import Settings

Headers = tuple[tuple[bytes, bytes], ...]
ALWAYS: Headers = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
# Two years, as https://hstspreload.org asks; only where PUBLIC_URL says that everybody comes over TLS (section 7.2).
_TLS = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")
_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
_TAKEN = (
    "authorization, content-type, idempotency-key, if-match, if-none-match, last-event-id, mcp-protocol-version, "
    "mcp-session-id, traceparent"
)
_SHOWN = (
    "etag, location, retry-after, idempotent-replayed, www-authenticate, ratelimit, ratelimit-policy, "
    "content-disposition"
)
_KEPT = "7200"  # seconds; what Chromium takes at most
_VARY = b"origin"


class PublicHeaders:
    """The headers of one installation. No origin is trusted that CORS_ORIGINS does not name."""

    def __init__(self, settings: Settings) -> None:
        self._always = (*ALWAYS, _TLS) if (settings.public_url or "").startswith("https:") else ALWAYS
        self._origins = frozenset(origin.encode() for origin in settings.cors_origins)

    def of(self, given: Iterable[tuple[bytes, bytes]], request: dict[bytes, bytes]) -> list[tuple[bytes, bytes]]:
        """Return the headers of an answer, `given` ones first: they win over what every answer carries."""
        present = list(given)
        names = {name.lower() for name, _ in present}
        present += [(name, value) for name, value in self._always if name not in names]
        if self._origins:
            # Also for others: a cache must not give one origin's answer to another.
            present.append((b"vary", _VARY))
            if (origin := request.get(b"origin")) in self._origins:
                present += [
                    (b"access-control-allow-origin", origin or b""),
                    (b"access-control-expose-headers", _SHOWN.encode()),
                ]
        return present

    def preflight(self, method: str, request: dict[bytes, bytes]) -> Response | None:
        """Return the answer to a CORS preflight request (Fetch standard), None for any other.

        Tokens come in a header that scripts set, never in cookies: credentials are not allowed.
        """
        if method != "OPTIONS" or b"access-control-request-method" not in request:
            return None
        answer = Response(status_code=204)
        if request.get(b"origin") in self._origins:
            answer.headers["Access-Control-Allow-Methods"] = _METHODS
            answer.headers["Access-Control-Allow-Headers"] = _TAKEN
            answer.headers["Access-Control-Max-Age"] = _KEPT
        return answer
