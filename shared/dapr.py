"""Dapr's HTTP API: the only way out of the system. Publishing (bulk) and jobs.

Each call is guarded by a circuit breaker, so that a sidecar that is away costs the callers nothing. httpx is imported
with the first call: no cold start waits for it.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shared.breaker import CircuitBreaker
from shared.clock import Clock
from shared.errors import BackendAway
from shared.settings import Settings

if TYPE_CHECKING:
    import httpx

_CLOUDEVENTS_JSON = "application/cloudevents+json"
_TIMEOUT = 5.0  # seconds, for one call


@dataclass(frozen=True, slots=True)
class Entry:
    """One event to publish: its outbox position, its key, and its CloudEvent as JSON object."""

    position: int
    partition_key: str
    event: dict[str, Any]


class Dapr:
    """A client of one sidecar."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self.publishing = CircuitBreaker("publish", clock)
        self.jobs = CircuitBreaker("jobs", clock)
        self._client: httpx.AsyncClient | None = None

    async def publish(self, topic: str, entries: Sequence[Entry]) -> set[int]:
        """Publish in order; return the positions that were not accepted. Raises `BackendAway`.

        `rawPayload` and the content type make each Kafka record a structured CloudEvent, as KafkaSource reads it.
        """
        response = await self._call(
            self.publishing,
            "POST",
            f"/v1.0/publish/bulk/{self._settings.dapr_pubsub}/{topic}",
            params={"metadata.rawPayload": "true", "metadata.content-type": _CLOUDEVENTS_JSON},
            json=[
                {
                    "entryId": str(entry.position),
                    "event": entry.event,
                    "contentType": _CLOUDEVENTS_JSON,
                    "metadata": {"partitionKey": entry.partition_key},
                }
                for entry in entries
            ],
        )
        failed = response.json().get("failedEntries", []) if response.content else []
        return {int(entry["entryId"]) for entry in failed}

    async def schedule(self, name: str, due: dt.datetime, data: dict[str, Any]) -> None:
        """Set a job that calls `POST /job/<name>` with `data` at `due` (UTC), again and again until it is taken."""
        await self._call(
            self.jobs,
            "POST",
            f"/v1.0/jobs/{name}",
            json={
                "dueTime": due.isoformat().replace("+00:00", "Z"),
                "data": data,
                "overwrite": True,
                # No maxRetries: an overdue job would use them up within milliseconds.
                "failurePolicy": {"constant": {"interval": "2s"}},
            },
        )

    async def cancel(self, name: str) -> None:
        """Remove a job; one that is not there is fine."""
        await self._call(self.jobs, "DELETE", f"/v1.0/jobs/{name}")

    async def close(self) -> None:
        """Give the connections back."""
        if self._client is not None:
            await self._client.aclose()

    async def _call(self, breaker: CircuitBreaker, method: str, path: str, **request: Any) -> "httpx.Response":
        import httpx

        if self._client is None:
            token = self._settings.dapr_api_token
            self._client = httpx.AsyncClient(
                base_url=self._settings.dapr_http_endpoint,
                timeout=_TIMEOUT,
                headers={"dapr-api-token": token} if token else {},
                trust_env=False,  # the sidecar is never behind a proxy
            )
        breaker.check()
        try:
            response = await self._client.request(method, path, **request)
        except httpx.TransportError as error:
            breaker.failed()
            raise BackendAway(f"Dapr does not answer: {type(error).__name__}") from error
        if response.status_code >= 400 and not _is_partial(response, request.get("json")):
            breaker.failed()
            raise BackendAway(f"Dapr answers {response.status_code} to {method} {path}: {response.text[:200]}")
        breaker.succeeded()
        return response


def _is_partial(response: "httpx.Response", sent: object) -> bool:
    """Whether a bulk publish was accepted in part: Dapr answers 500 and names the entries that were not."""
    if response.status_code != 500 or b"failedEntries" not in response.content or not isinstance(sent, list):
        return False
    return len(response.json()["failedEntries"]) < len(sent)
