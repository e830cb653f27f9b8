"""Dapr's HTTP API for what leaves the system: `/v1.0/bindings/{name}` and `/v1.0/invoke/…`."""

from collections.abc import Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared.embedded.invocation import invoke
from shared.embedded.output import Output, OutputFailed


class _Call(BaseModel):
    """The body of a call, as daprd reads it."""

    operation: str = ""
    data: Any = None
    metadata: dict[str, str] | None = None


def outgoing_client() -> httpx.AsyncClient:
    """Return a client for far sides; it keeps no cookies, which would go from one user's far side to another's."""
    direct = dict.fromkeys(("all://localhost", "all://127.0.0.1", "all://[::1]"))  # never by a proxy, as in Go
    return httpx.AsyncClient(timeout=20, cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])), mounts=direct)


class OutputApi:
    """Routes for the sidecar. `outputs` are bindings by name."""

    def __init__(self, outputs: Mapping[str, Output], http: httpx.AsyncClient) -> None:
        self._outputs, self._http = outputs, http

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/v1.0/bindings/{name}", self._bind, methods=["POST", "PUT"]),
            Route("/v1.0/invoke/{rest:path}", self._invoke, methods=["DELETE", "GET", "PATCH", "POST", "PUT"]),
        ]

    async def _invoke(self, request: Request) -> Response:
        return await invoke(request, self._http)

    async def _bind(self, request: Request) -> Response:
        name = request.path_params["name"]
        try:
            call = _Call.model_validate_json(await request.body())
        except ValidationError as error:
            return _error(400, "ERR_MALFORMED_REQUEST", f"failed deserializing HTTP body: {error.errors()[0]['msg']}")
        metadata = call.metadata or {}
        if "traceparent" in request.headers:
            metadata["traceparent"] = request.headers["traceparent"]
        try:
            answer = await self._output(name, call.operation).call(call.operation, call.data, metadata)
        except OutputFailed as error:
            message = f"error invoking output binding {name}: {error}"
            return _error(500, "ERR_INVOKE_OUTPUT_BINDING", message, _prefixed(error.metadata))
        if answer.data is None:
            return Response(status_code=204)
        return Response(answer.data, 200, _prefixed(answer.metadata), "application/json")

    def _output(self, name: str, operation: str) -> Output:
        if not operation:
            raise OutputFailed("operation field is missing from request")
        if name not in self._outputs:
            raise OutputFailed(f"couldn't find output binding {name}")
        if operation not in (known := self._outputs[name].operations):
            text = f"binding {name} does not support operation {operation}. supported operations:{' '.join(known)}"
            raise OutputFailed(text)
        return self._outputs[name]


def _prefixed(metadata: Mapping[str, str]) -> dict[str, str]:
    return {f"metadata.{name}": value for name, value in metadata.items()}


def _error(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse({"errorCode": code, "message": message}, status, headers)
