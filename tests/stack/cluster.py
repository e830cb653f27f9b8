"""What a cluster does around the functions, by the project's own manifests: gateway, Broker, PingSources.

The gateway forwards requests by knative/routes.yaml. The ingress takes events from the bridge's sidecar and delivers
them by eventing/triggers.yaml; it keeps nothing, so an event that one function could not take is answered 503 and comes
again to all of them, in place, which keeps the order of its key. Behind /dead-letters it is the one function that keeps
them, as dapr/subscriptions.yaml asks of the bridge's app.
"""

import asyncio
from collections.abc import Mapping

import httpx
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from shared.dead_letters import FROM_DAPR, json_object
from shared.embedded.filters import attributes_of
from shared.embedded.wiring import Trigger

_HOP_BY_HOP = {"host", "content-length", "transfer-encoding", "connection", "date", "server"}


class Remote:
    """An ASGI app that is a function in another process. While it is `broken` it answers 500 and does nothing."""

    def __init__(self, http: httpx.AsyncClient, url: str) -> None:
        self._http, self._url = http, url
        self.broken = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward one request and its answer; a function that is away is 503."""
        request = Request(scope, receive)
        headers = {name: value for name, value in request.headers.items() if name not in _HOP_BY_HOP}
        path = scope["path"] + (f"?{request.url.query}" if request.url.query else "")
        answer = await self.request(request.method, path, headers, await request.body())
        kept = {name: value for name, value in answer.headers.items() if name not in _HOP_BY_HOP}
        await Response(answer.content, answer.status_code, kept)(scope, receive, send)

    async def request(self, method: str, path: str, headers: dict[str, str], body: bytes) -> httpx.Response:
        """Return the answer of the function, or what stands for it."""
        if self.broken:
            return httpx.Response(500)
        try:
            return await self._http.request(method, self._url + path, headers=headers, content=body)
        except httpx.TransportError:
            return httpx.Response(503, headers={"retry-after": "1"})


class Ingress:
    """The bridge's app: the Broker's ingress delivers each event to the functions whose trigger wants it."""

    def __init__(self, triggers: tuple[Trigger, ...], functions: Mapping[str, Remote]) -> None:
        self._triggers, self._functions = triggers, functions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take one event: 204 when every function has taken it, 400 when one never will, 503 otherwise."""
        if scope["path"] == FROM_DAPR:
            await self._functions["keep-dead-letter"](scope, receive, send)
            return
        request = Request(scope, receive)
        body = await request.body()
        event = json_object(body)
        if event is None:  # as every ingress answers to what is no event
            await Response(status_code=400)(scope, receive, send)
            return
        attributes = attributes_of(event)
        wanted = [trigger.function for trigger in self._triggers if trigger.wants(attributes)]
        statuses = await asyncio.gather(*(self._deliver(function, body) for function in wanted))
        worst = max(statuses, default=204)
        await Response(status_code=503 if worst >= 500 else 400 if worst >= 300 else 204)(scope, receive, send)

    async def _deliver(self, function: str, body: bytes) -> int:
        headers = {"content-type": "application/cloudevents+json"}
        return (await self._functions[function].request("POST", "/", headers, body)).status_code
