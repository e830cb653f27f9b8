"""Dapr's HTTP API as daprd 1.18 speaks it, as far as Ebb uses it: publish, bulk publish, jobs, health, and outputs.

Paths, statuses and error bodies follow Dapr's pub/sub and jobs API references; `tests/contracts` holds this and the
real daprd to the same behaviour.
"""

import base64
import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import psycopg
import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from shared.embedded.broker import Broker
from shared.embedded.jobs import WrongJob
from shared.embedded.records import BrokenEvent, Record, record_of
from shared.embedded.scheduler import Scheduler

_log = structlog.get_logger()
MAX_BODY_BYTES = 4 * 1024 * 1024  # that of daprd (`--max-body-size`)


class Sidecar:
    """ASGI app. With an `api_token` every request but the health check must carry it as `dapr-api-token`.

    `outputs` are the routes of what leaves the system (output_api.py).
    """

    def __init__(
        self,
        broker: Broker,
        scheduler: Scheduler,
        pubsubs: Collection[str],
        api_token: str | None = None,
        outputs: Sequence[Route] = (),
    ) -> None:
        self._broker, self._scheduler = broker, scheduler
        self._pubsubs, self._api_token = pubsubs, api_token
        self._app = Starlette(
            routes=[
                Route("/v1.0/healthz", _healthz),
                Route("/v1.0/publish/bulk/{pubsub}/{topic}", self._publish_bulk, methods=["POST"]),
                Route("/v1.0/publish/{pubsub}/{topic}", self._publish, methods=["POST"]),
                Route("/v1.0/jobs/{name}", self._set_job, methods=["POST"]),
                Route("/v1.0/jobs/{name}", self._get_job, methods=["GET"]),
                Route("/v1.0/jobs/{name}", self._delete_job, methods=["DELETE"]),
                *outputs,
            ],
            exception_handlers={psycopg.OperationalError: _away},
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and not self._may(Request(scope)):
            await PlainTextResponse("invalid api token\n", 401)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _may(self, request: Request) -> bool:
        if self._api_token is None or request.url.path == "/v1.0/healthz":
            return True
        given = request.headers.get("dapr-api-token", "")
        return secrets.compare_digest(given.encode(), self._api_token.encode())

    async def _publish(self, request: Request) -> Response:
        pubsub, topic = request.path_params["pubsub"], request.path_params["topic"]
        if pubsub not in self._pubsubs:
            return _no_pubsub(pubsub)
        content_type = request.headers.get("content-type", "text/plain")
        envelope = {"pubsubname": pubsub, "topic": topic}
        try:
            record = record_of(await request.body(), content_type, _metadata(request), envelope)
        except BrokenEvent:
            return _error(500, "ERR_PUBSUB_CLOUD_EVENTS_SER", "cannot create cloudevent")
        except ValueError as error:
            return _error(400, "ERR_PUBSUB_REQUEST_METADATA", f"failed deserializing metadata. Error: {error}")
        await self._broker.publish(topic, [record])
        return Response(status_code=204)

    async def _publish_bulk(self, request: Request) -> Response:
        pubsub, topic = request.path_params["pubsub"], request.path_params["topic"]
        if pubsub not in self._pubsubs:
            return _no_pubsub(pubsub)
        envelope = {"pubsubname": pubsub, "topic": topic}
        try:
            entries = _entries(await request.body())
            records = [_entry_record(entry, _metadata(request), envelope) for entry in entries.values()]
        except ValueError as error:
            message = f"error when unmarshaling the request for topic {topic} pubsub {pubsub}: {error}"
            return _error(400, "ERR_PUBSUB_EVENTS_SER", message)
        try:
            await self._broker.publish(topic, records)
        except psycopg.OperationalError as error:
            _log.warning("publish_failed", topic=topic, error=str(error))
            failed = [{"entryId": entry, "error": "the database is away"} for entry in entries]
            return JSONResponse({"failedEntries": failed, "errorCode": "ERR_PUBSUB_PUBLISH_MESSAGE"}, 500)
        return Response(status_code=204)

    async def _set_job(self, request: Request) -> Response:
        name = request.path_params["name"]
        try:
            stored = await self._scheduler.set(name, await request.body())
        except WrongJob as error:
            return _error(400, error.code, str(error))
        if stored:
            return Response(status_code=204)
        return _error(409, "DAPR_SCHEDULER_SCHEDULE_JOB", f"failed to schedule job: job already exists: '{name}'")

    async def _get_job(self, request: Request) -> Response:
        found = await self._scheduler.get(request.path_params["name"])
        if found is None:
            return _error(500, "DAPR_SCHEDULER_GET_JOB", "failed to get job due to: job not found")
        return Response(found, media_type="application/json")

    async def _delete_job(self, request: Request) -> Response:
        await self._scheduler.cancel(request.path_params["name"])
        return Response(status_code=204)


async def _healthz(_request: Request) -> Response:
    return Response(status_code=204)


async def _away(request: Request, error: Exception) -> Response:
    _log.warning("database_away", path=request.url.path, error=str(error))
    return _error(500, "ERR_PUBSUB_PUBLISH_MESSAGE", "the database is away")


def _metadata(request: Request) -> dict[str, str]:
    """Return the query parameters that are metadata, without their prefix."""
    given = request.query_params.items()
    return {name.removeprefix("metadata."): value for name, value in given if name.startswith("metadata.")}


def _entries(body: bytes) -> dict[str, dict[str, Any]]:
    """Return the entries of a bulk publish by id, in their order. Raises `ValueError`."""
    if len(body) > MAX_BODY_BYTES:
        raise ValueError("stream too large")
    entries = json.loads(body)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ValueError("json: the body is not an array of entries")
    named = {str(entry.get("entryId") or ""): entry for entry in entries}
    if "" in named or len(named) != len(entries):
        raise ValueError("entryId is duplicated or not present for entry")
    return named


def _entry_record(entry: Mapping[str, Any], request: Mapping[str, str], envelope: Mapping[str, str]) -> Record:
    """Return the record of one entry. Metadata of the request wins over that of the entry, as in Dapr."""
    event, content_type = entry.get("event"), entry.get("contentType", "")
    if not isinstance(event, str):
        value = json.dumps(event).encode()
    elif content_type == "application/octet-stream":
        value = base64.b64decode(event, validate=True)
    else:
        value = json.dumps(event).encode() if "json" in content_type else event.encode()
    return record_of(value, content_type, {**(entry.get("metadata") or {}), **request}, envelope)


def _no_pubsub(name: str) -> Response:
    return _error(404, "ERR_PUBSUB_NOT_FOUND", f"pubsub {name} is not found")


def _error(status: int, code: str, message: str) -> Response:
    """Return an error as daprd writes it, with google.rpc.ErrorInfo among the details."""
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "domain": "dapr.io", "reason": code}
    return JSONResponse({"errorCode": code, "message": message, "details": [info]}, status)
