"""What a cluster does around the functions, by the project's own manifests: gateway, Broker, PingSources.

The gateway forwards requests by knative/routes.yaml. The ingress takes events from the bridge's sidecar and delivers
them by eventing/triggers.yaml; it keeps nothing, so an event that one function could not take is answered 503 and comes
again to all of them, in place, which keeps the order of its key.
"""

import asyncio

import httpx
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from shared.embedded.filters import attributes_of
from shared.embedded.wiring import Trigger

_HOP_BY_HOP = {"host", "content-length", "transfer-encoding", "connection", "date", "server"}


class Remote:
    """An ASGI app that is a function in another process."""

    def __init__(self, http: httpx.AsyncClient, url: str) -> None:
        self._http, self._url = http, url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward one request and its answer; a function that is away is 503."""
        request = Request(scope, receive)
        headers = {name: value for name, value in request.headers.items() if name not in _HOP_BY_HOP}
        url = self._url + scope["path"] + (f"?{request.url.query}" if request.url.query else "")
        try:
            answer = await self._http.request(request.method, url, headers=headers, content=await request.body())
        except httpx.TransportError:
            await Response(status_code=503, headers={"retry-after": "1"})(scope, receive, send)
            return
        kept = {name: value for name, value in answer.headers.items() if name not in _HOP_BY_HOP}
        await Response(answer.content, answer.status_code, kept)(scope, receive, send)


class Ingress:
    """The Broker's ingress: delivers each event to the functions whose trigger wants it."""

    def __init__(self, triggers: tuple[Trigger, ...], urls: dict[str, str], http: httpx.AsyncClient) -> None:
        self._triggers, self._urls, self._http = triggers, urls, http

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take one event: 204 when every function has taken it, 400 when one never will, 503 otherwise."""
        request = Request(scope, receive)
        body = await request.body()
        attributes = attributes_of(await request.json())
        wanted = [trigger.function for trigger in self._triggers if trigger.wants(attributes)]
        statuses = await asyncio.gather(*(self._deliver(function, body) for function in wanted))
        worst = max(statuses, default=204)
        await Response(status_code=503 if worst >= 500 else 400 if worst >= 300 else 204)(scope, receive, send)

    async def _deliver(self, function: str, body: bytes) -> int:
        headers = {"content-type": "application/cloudevents+json"}
        try:
            return (await self._http.post(self._urls[function], content=body, headers=headers)).status_code
        except httpx.TransportError:
            return 503
