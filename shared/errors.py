"""The errors of the domain: what went wrong, and which answer it becomes.

`status` is the HTTP status (RFC 9110), `slug` the stable last part of the problem `type` (RFC 9457). From 500 on an
error is transient: event functions answer 503 to it and 400 to the others. shared/answers.py makes answers of errors.
"""

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from shared.rate_limit import Allowance


@dataclass(frozen=True, slots=True)
class Fault:
    """One wrong value: an RFC 6901 JSON pointer (or `?name` of a query parameter) and what is wrong with it."""

    pointer: str
    message: str


MOST_FAULTS = 20  # in one answer: a body may hold a hundred thousand
LONGEST = 500  # characters of a pointer or a message; what they repeat of the sender's may have a million


def _in_short(fault: Fault) -> Fault:
    """Return a fault that points at where a very long name stands, not at the name."""
    pointer = fault.pointer if len(fault.pointer) <= LONGEST else fault.pointer[:LONGEST].rpartition("/")[0]
    return Fault(pointer, fault.message[:LONGEST])


class EbbError(Exception):
    """Base of all errors that a caller is told about."""

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Something went wrong on our side"

    def __init__(self, detail: str, *, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.headers = headers or {}

    @property
    def members(self) -> dict[str, object]:
        """What the answer says besides (RFC 9457, section 3.2)."""
        return {}


class MalformedBody(EbbError):
    """The body is not JSON at all."""

    status, slug, title = 400, "malformed-body", "The body is not valid JSON"


class InvalidInput(EbbError):
    """Well-formed but wrong: unknown fields, wrong types, impossible dates, rules that never fire."""

    status, slug, title = 422, "invalid-input", "The request is well-formed but wrong"

    def __init__(self, *faults: Fault) -> None:
        self.faults = tuple(_in_short(fault) for fault in faults[:MOST_FAULTS])
        super().__init__("; ".join(f"{fault.pointer or 'body'}: {fault.message}" for fault in self.faults))

    @property
    def members(self) -> dict[str, object]:
        """Each wrong value."""
        return {"errors": [asdict(fault) for fault in self.faults]}


class BatchRefused(EbbError):
    """One operation of an atomic batch failed, so none of it was done; `results` tells of each."""

    status, slug, title = 422, "batch-refused", "Nothing of this batch was done"

    def __init__(self, detail: str, results: list[dict[str, object]]) -> None:
        super().__init__(detail)
        self.results = results

    @property
    def members(self) -> dict[str, object]:
        """The result of each operation."""
        return {"results": self.results}


class NotReplayable(EbbError):
    """A dead letter that no function could take this time either: no event, or of a type or form nobody knows."""

    status, slug, title = 422, "not-replayable", "This dead letter cannot be replayed"


class IdempotencyKeyReused(EbbError):
    """The same Idempotency-Key came with another request."""

    status, slug, title = 422, "idempotency-key-reused", "This Idempotency-Key was used for another request"


class Unauthenticated(EbbError):
    """No token (`missing`), or one that is not valid (RFC 6750, section 3.1: clients fetch a new one then)."""

    status, slug, title = 401, "unauthenticated", "A valid bearer token is needed"

    def __init__(self, detail: str, *, missing: bool = False) -> None:
        challenge = 'Bearer realm="ebb"' if missing else 'Bearer realm="ebb", error="invalid_token"'
        told = f"{detail}; send a valid token as 'Authorization: Bearer <token>'"
        super().__init__(told, headers={"WWW-Authenticate": challenge})


class ScopeMissing(EbbError):
    """The token is valid but may not do this."""

    status, slug, title = 403, "scope-missing", "The token does not allow this"


class NotFound(EbbError):
    """Missing, deleted, or somebody else's: all three look the same."""

    status, slug, title = 404, "not-found", "There is no such resource"

    def __init__(self, detail: str) -> None:
        super().__init__(f"{detail}; check the path and the id")


class MethodNotAllowed(EbbError):
    """The path exists, the method does not."""

    status, slug, title = 405, "method-not-allowed", "This path does not take that method"


class AccountClosed(EbbError):
    """The user's account is being deleted. To a late event it means that there is nothing left to do."""

    status, slug, title = 409, "account-closed", "The account is being deleted"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"Retry-After": "5"})


class HistoryGone(EbbError):
    """A change token from before what is kept, or from another database: only reading everything again helps."""

    status, slug, title = 410, "history-gone", "The changes after this token are no longer kept"


class StaleVersion(EbbError):
    """If-Match names a version that is no longer the current one."""

    status, slug, title = 412, "stale-version", "It has changed since you read it"


class BodyTooLarge(EbbError):
    """The body is larger than MAX_BODY_BYTES."""

    status, slug, title = 413, "body-too-large", "The body is too large"


class TooManyRequests(EbbError):
    """The user asks more often than the settings allow (RFC 6585, section 4); in `wait` seconds there is room."""

    status, slug, title = 429, "too-many-requests", "Too many requests; slow down"

    def __init__(self, wait: float, allowance: "Allowance") -> None:
        after = {"Retry-After": str(max(1, math.ceil(wait)))}
        super().__init__("wait as long as Retry-After says", headers=after | allowance.headers())


class BackendAway(EbbError):
    """PostgreSQL, the sidecar or the issuer's keys cannot be reached right now."""

    status, slug, title = 503, "back-end-away", "A part of the system is away; try again"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"Retry-After": "2"})


class BindingMissing(BackendAway):
    """Dapr has no output binding of this name: its component is not there, or its secret is missing."""

    def __init__(self, binding: str) -> None:
        super().__init__(
            f"Dapr has no binding {binding}: make the secret that dapr/bindings.yaml names for it and start daprd again"
        )


class EventRejected(EbbError):
    """An event that can never succeed: unknown type or version, missing attribute, data that fits no schema."""

    status, slug, title = 400, "event-rejected", "The event can never be handled"


class SettingError(EbbError):
    """The configuration is wrong; the message names the setting. Raised at start only."""

    slug, title = "wrong-setting", "A setting is wrong"
