"""Dapr's HTTP API: the only way out of the system. Publishing (bulk), jobs, output bindings and invocation of URLs.

Each call is guarded by a circuit breaker, so that a sidecar that is away costs the callers nothing. Of bindings and
invocations only a sidecar that cannot be reached counts: what a far side answers, or never answers, is about that one
far side. httpx is imported with the first call: no cold start waits for it.
"""

import asyncio
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue

from shared import telemetry, trace
from shared.breaker import CircuitBreaker
from shared.clock import Clock
from shared.dapr_urls import invoke_path
from shared.errors import BackendAway
from shared.outputs import Reply, accepted_in_part, reply_of_binding, reply_of_invocation
from shared.settings import Settings

if TYPE_CHECKING:
    import httpx

_CLOUDEVENTS_JSON = "application/cloudevents+json"
_TIMEOUT = 5.0  # seconds, for one call
_FAR_TIMEOUT = 30.0  # longer than those in dapr/resiliency.yaml: it is Dapr that gives up on a binding, and says so
_INVOKE_TIMEOUT = 10.0  # seconds for one invocation, all in all; Dapr has none for these (dapr/resiliency.yaml)
_FAR_BODY = 65_536  # bytes of a far side's answer that are read, unless more are asked for


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
        self.outputs = CircuitBreaker("bindings", clock)

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

    async def bind(
        self, binding: str, operation: str, data: JsonValue, metadata: Mapping[str, str], most: int = _FAR_BODY
    ) -> Reply:
        """Call an output binding once; return what the far side said, `most` bytes of it.

        2xx is done. A far side that refuses, or cannot be reached by Dapr, is 500 with Dapr's text: "error from smtp
        binding, sending email failed: gomail: could not send email 1: 550 …"; "context deadline exceeded" leaves open
        whether it was done. The http binding's status is the far side's. Raises `BindingMissing`, and `BackendAway`
        when nothing was tried or Dapr does not answer.
        """
        body = {"operation": operation, "data": data, "metadata": dict(metadata)}
        return reply_of_binding(binding, await self._far(f"/v1.0/bindings/{binding}", most, json=body))

    async def invoke(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """POST bytes to any URL once, through Dapr's service invocation; redirects are answers and not followed.

        The far side's answer comes back as it is, any status. One that cannot be reached is 502, one that has not ended
        its answer after 10 s is 504, both with the reason as body. Raises `BackendAway`, and `ValueError` for a URL
        that `invoke_path` refuses and for headers of Dapr's own (`dapr-app-id` would send the call elsewhere).
        """
        path = invoke_path(url)
        if reserved := [name for name in headers if name.lower().startswith("dapr-")]:
            raise ValueError(f"the header {reserved[0]} is Dapr's own")
        try:
            async with asyncio.timeout(_INVOKE_TIMEOUT):
                return reply_of_invocation(await self._far(path, content=body, headers=headers))
        except TimeoutError:
            return Reply(504, {}, f"no whole answer within {_INVOKE_TIMEOUT:g} s".encode())

    async def close(self) -> None:
        """Give the connections back."""
        for client in (vars(self).get("_client"), vars(self).get("_far_client")):
            if client is not None:
                await client.aclose()

    async def _call(self, breaker: CircuitBreaker, method: str, path: str, **request: Any) -> "httpx.Response":
        import httpx

        breaker.check()
        name = f"{method} {'/'.join(path.split('/')[:3])}"  # what follows holds ids: the names of jobs
        with telemetry.span(name, telemetry.Kind.CLIENT, {"http.request.method": method}) as span:
            try:
                request["headers"] = {"traceparent": trace.current(), **request.get("headers", {})}
                response = await self._client.request(method, path, **request)
            except httpx.TransportError as error:
                breaker.failed()
                raise BackendAway(f"Dapr does not answer: {type(error).__name__}") from error
            status = response.status_code
            span.set({"http.response.status_code": status})
            if status >= 400 and not accepted_in_part(status, response.content, request.get("json")):
                breaker.failed()
                raise BackendAway(f"Dapr answers {status} to {method} {path}: {response.text[:200]}")
            breaker.succeeded()
            return response

    async def _far(self, path: str, most: int = _FAR_BODY, **request: Any) -> Reply:
        """POST what Dapr passes on, and read the beginning of the answer as it came: a far side may send anything."""
        import httpx

        self.outputs.check()
        # Without what follows: the paths of webhooks are secrets.
        name = f"POST {'/'.join(path.split('/')[:3])}"
        with telemetry.span(name, telemetry.Kind.CLIENT, {"http.request.method": "POST"}) as span:
            # Not compressed: an answer could be any size once it is not.
            own = {"traceparent": trace.current(), "accept-encoding": "identity", "user-agent": "Ebb"}
            own.update(request.pop("headers", {}))
            body = b""
            try:
                sending = self._far_client.stream("POST", path, headers=own, **request)
                async with sending as response:
                    async for chunk in response.aiter_raw():
                        body += chunk
                        if len(body) >= most:
                            break
            except (httpx.ReadTimeout, httpx.PoolTimeout) as error:
                # Too many slow far sides look like this too, and must not close the way to all others.
                raise BackendAway(f"Dapr does not answer: {type(error).__name__}") from error
            except httpx.TransportError as error:
                self.outputs.failed()
                raise BackendAway(f"Dapr does not answer: {type(error).__name__}") from error
            span.set({"http.response.status_code": response.status_code})
            self.outputs.succeeded()
            return Reply(response.status_code, dict(response.headers), body[:most])

    @cached_property
    def _client(self) -> "httpx.AsyncClient":
        return self._new_client(_TIMEOUT)

    @cached_property
    def _far_client(self) -> "httpx.AsyncClient":
        """Connections of their own: slow far sides must not take those of publishing."""
        return self._new_client(_FAR_TIMEOUT)

    def _new_client(self, timeout: float) -> "httpx.AsyncClient":
        import httpx

        token = self._settings.dapr_api_token
        return httpx.AsyncClient(
            base_url=self._settings.dapr_http_endpoint,
            timeout=httpx.Timeout(timeout, connect=_TIMEOUT),
            headers={"dapr-api-token": token} if token else {},
            # All far sides seem to be one host here: a cookie that one sets would be sent to the others.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            trust_env=False,  # the sidecar is never behind a proxy
        )
