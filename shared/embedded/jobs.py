"""The body of Dapr's `POST /v1.0/jobs/{name}`, read as daprd reads it, and Go's durations."""

import json
import re
from datetime import datetime, timedelta
from typing import Any

from shared.embedded.store import Job

_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)")
_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_NAMES = {"due_time": "dueTime", "failure_policy": "failurePolicy", "max_retries": "maxRetries"}
_KNOWN = {"dueTime", "data", "overwrite", "failurePolicy"}
_DEFAULT: dict[str, Any] = {"constant": {"interval": "1s", "maxRetries": 3}}


class WrongJob(ValueError):
    """A job that daprd refuses or the stand-in cannot run; `code` is Dapr's error code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def read_job(name: str, body: bytes, now: datetime) -> tuple[Job, bool]:
    """Return the job and whether it may overwrite one of its name. Raises `WrongJob`.

    `dueTime` is an RFC 3339 instant or a Go duration from now. Recurring jobs (schedule, repeats, ttl) are refused.
    """
    given = _camel(_object(body))
    if "name" in given:
        raise WrongJob("DAPR_SCHEDULER_JOB_NAME", "Set the job name in the url only")
    if unknown := given.keys() - _KNOWN:
        raise WrongJob("ERR_MALFORMED_REQUEST", f"the local server does not support {', '.join(sorted(unknown))}")
    if "dueTime" not in given:
        raise WrongJob("DAPR_SCHEDULER_EMPTY", "Schedule is empty")
    due_at = _due(given["dueTime"], now)
    interval, retries = _policy(given.get("failurePolicy", _DEFAULT))
    overwrite = given.pop("overwrite", False) is True
    data = json.dumps(given.get("data"))
    return Job(name, json.dumps({"name": name, **given}), data, due_at, interval, retries), overwrite


def duration(text: str) -> timedelta:
    """Read a Go duration such as `1m30s` or `500ms`. Raises `ValueError`."""
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f"{text!r} is no duration such as 1m30s")
    return timedelta(seconds=sum(float(number) * _UNITS[unit] for number, unit in parts))


def _object(body: bytes) -> dict[str, Any]:
    try:
        given = json.loads(body)
    except ValueError as error:
        raise WrongJob("ERR_MALFORMED_REQUEST", f"failed to read the job: {error}") from None
    if not isinstance(given, dict):
        raise WrongJob("ERR_MALFORMED_REQUEST", "failed to read the job: not an object")
    return given


def _camel(given: dict[str, Any]) -> dict[str, Any]:
    """Accept snake_case as protojson does."""
    return {_NAMES.get(name, name): value for name, value in given.items()}


def _due(text: object, now: datetime) -> datetime:
    try:
        return now + duration(str(text))
    except ValueError:
        pass
    try:
        instant = datetime.fromisoformat(str(text))
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise WrongJob("DAPR_SCHEDULER_SCHEDULE_JOB", f"dueTime {text!r} is neither an instant nor a duration")
    return instant


def _policy(given: Any) -> tuple[float, int | None]:
    """Return the interval in seconds and the limit of retries; `drop` means none, a missing limit means no limit."""
    match given:
        case {"drop": dict()} if len(given) == 1:
            return 0.0, 0
        case {"constant": dict() as constant} if len(given) == 1:
            constant = _camel(constant)
            retries = constant.get("maxRetries")
            interval = _interval(constant.get("interval", "0s"))
            if constant.keys() <= {"interval", "maxRetries"} and (retries is None or isinstance(retries, int)):
                return interval, retries
    raise WrongJob("ERR_MALFORMED_REQUEST", "failurePolicy is neither drop nor constant {interval, maxRetries}")


def _interval(text: object) -> float:
    try:
        return duration(str(text)).total_seconds()
    except ValueError as error:
        raise WrongJob("ERR_MALFORMED_REQUEST", f"failurePolicy.constant.interval: {error}") from None
