"""Events that nobody can handle, published amid the others and under the keys of tasks that are in use."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import psycopg

from shared.payload import REMINDERS, TASK_EVENTS
from shared.unit_of_work import new_id
from tests.stack.system import System

_IN_USE = "SELECT id::text FROM tasks ORDER BY created_at DESC LIMIT 4"
_CLOUDEVENT = "application/cloudevents+json"


@asynccontextmanager
async def poisoned(system: System) -> AsyncIterator[str]:
    """Publish poison of every kind into both topics. Nothing undoes it: it must end as dead letters by itself."""
    async with await psycopg.AsyncConnection.connect(system.database_url) as connection:
        keys = [row[0] for row in await (await connection.execute(_IN_USE)).fetchall()]
    published = 0
    async with httpx.AsyncClient(base_url=system.dapr_url, trust_env=False) as http:
        for key in keys:
            for topic, body in _poison(key):
                await _publish(http, topic, key, body)
                published += 1
    yield f"{published} events"


def _poison(key: str) -> list[tuple[str, bytes]]:
    return [
        (TASK_EVENTS, _event("ebb.task.completed.v1", key, {"task_id": key, "version": "many"})),
        (TASK_EVENTS, _event("ebb.task.created.v1", key, "\0")),
        (TASK_EVENTS, _event("ebb.task.exploded.v1", key, {})),
        (TASK_EVENTS, _event("ebb.task.updated.v9", key, {})),
        (REMINDERS, _event("ebb.reminder.fired.v1", key, {"reminder_id": 7})),
        (TASK_EVENTS, b'{"hello": "world"}'),
        (TASK_EVENTS, b"[1, 2"),
        (REMINDERS, b"null"),
        (TASK_EVENTS, b"\xff\x00 no JSON at all"),
    ]


def _event(kind: str, key: str, data: Any) -> bytes:
    return json.dumps({
        "specversion": "1.0", "id": str(new_id()), "type": kind, "source": "/poison", "time": "2026-01-01T00:00:00Z",
        "datacontenttype": "application/json", "partitionkey": key, "data": data,
    }).encode()  # fmt: skip


async def _publish(http: httpx.AsyncClient, topic: str, key: str, body: bytes) -> None:
    where = {"metadata.rawPayload": "true", "metadata.content-type": _CLOUDEVENT, "metadata.partitionKey": key}
    path, headers = f"/v1.0/publish/pubsub/{topic}", {"content-type": _CLOUDEVENT}
    (await http.post(path, params=where, content=body, headers=headers)).raise_for_status()
