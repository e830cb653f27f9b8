"""What Dapr's output bindings and service invocation answer, and what of it is the far side's word.

Dapr reports both kinds of failure as its own 500: the far side refused, or nobody was asked. Functions of the second
kind raise; everything else becomes a `Reply`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.errors import BackendAway, BindingMissing

# daprd's texts (pkg/runtime/processor/binding/send.go, components-contrib, net/http, sony/gobreaker). The http and SES
# bindings start without their secrets: then a URL has no scheme, a mail no sender.
_MISSING = re.compile(
    r"couldn't find output binding .*"
    r'|.*: unsupported protocol scheme ""'
    r"|(smtp|SES) binding error: emailFrom property not supplied.*"
)
_NOT_TRIED = ("circuit breaker is open", "too many requests")
_METADATA = "metadata."


@dataclass(frozen=True, slots=True)
class Reply:
    """What the far side answered: HTTP status, headers (lower-case names), and the first 64 KiB of the body."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def text(self) -> str:
        """The body as text; bytes that are no UTF-8 are replaced."""
        return self.body.decode(errors="replace")


def reply_of_binding(binding: str, answer: Reply) -> Reply:
    """Return the far side's reply of Dapr's answer to `POST /v1.0/bindings/<binding>`.

    Status and headers of the http binding are its metadata. Raises `BindingMissing` and `BackendAway`.
    """
    named = answer.headers.items()
    headers = {name.removeprefix(_METADATA): value for name, value in named if name.startswith(_METADATA)}
    status = headers.pop("statuscode", None)
    if answer.status < 400:
        return Reply(int(status or answer.status), headers, answer.body)
    code, message = _error(answer)
    if code != "ERR_INVOKE_OUTPUT_BINDING":
        raise BackendAway(f"Dapr answers {answer.status} for the binding {binding}: {answer.text[:200]}")
    cause = message.removeprefix(f"error invoking output binding {binding}: ")
    if _MISSING.fullmatch(cause):
        raise BindingMissing(binding)
    if cause in _NOT_TRIED:
        raise BackendAway(f"Dapr lets the binding {binding} rest after failures: {cause}")
    return Reply(int(status or 500), headers, cause.encode())


def reply_of_invocation(answer: Reply) -> Reply:
    """Return the far side's reply of Dapr's answer to an invocation; 502 when there is none. Raises `BackendAway`."""
    if answer.status == 401 and answer.body.strip() == b"invalid api token":
        raise BackendAway("Dapr does not take this DAPR_API_TOKEN")
    code, message = _error(answer) if answer.status == 500 else ("", "")
    if code != "ERR_DIRECT_INVOKE":
        return answer
    if message == "invoke API is not ready":
        raise BackendAway("Dapr is not ready")
    return Reply(502, {}, message.encode())


def accepted_in_part(status: int, body: bytes, sent: object) -> bool:
    """Whether a bulk publish was accepted in part: Dapr answers 500 and names the entries that were not."""
    if status != 500 or b"failedEntries" not in body or not isinstance(sent, list):
        return False
    return len(json.loads(body)["failedEntries"]) < len(sent)


def _error(answer: Reply) -> tuple[str, str]:
    """Return the code and the message of one of Dapr's errors; both are empty when it is none."""
    try:
        told = json.loads(answer.body)
    except ValueError:
        return "", ""
    return (str(told.get("errorCode", "")), str(told.get("message", ""))) if isinstance(told, Mapping) else ("", "")
