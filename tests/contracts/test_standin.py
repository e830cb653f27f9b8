"""The stand-in for Dapr keeps the contract that the real daprd keeps."""

# ruff: noqa: D102 -- the name of a test states its rule

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest_asyncio
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from shared.clock import SystemClock
from shared.embedded.broker import Broker
from shared.embedded.scheduler import Scheduler
from shared.embedded.sidecar import Sidecar
from shared.embedded.store import Store
from shared.embedded.wiring import Manifests, Retry, Source, Trigger
from tests.contracts.dapr_contract import Dapr, DaprContract
from tests.recorder import Recorder

TOKEN = "only-for-this-test"
RETRY = Retry(5, timedelta(seconds=0.05), exponential=False)
WIRING = Manifests(
    routes=(),
    brokers=("default",),
    sources=(Source("task-events", "ebb", ("task-events",), "default"),),
    triggers=(Trigger("app", "default", "app", lambda _: True, RETRY, "dead-letters"),),
    ticks=(),
    pubsubs=("pubsub",),
)


class TestStandIn(DaprContract):
    """The contract, and what only the stand-in is asked."""

    @pytest_asyncio.fixture
    async def dapr(self, pool: AsyncConnectionPool[AsyncConnection]) -> AsyncIterator[Dapr]:
        store, app, clock = Store(pool), Recorder(), SystemClock()
        await store.prepare()
        async with pool.connection() as connection:
            await connection.execute("TRUNCATE standin.deliveries, standin.dead_letters, standin.jobs")
        broker, scheduler = Broker(store, WIRING, {"app": app}, clock), Scheduler(store, app, clock)
        transport = httpx.ASGITransport(Sidecar(broker, scheduler, WIRING.pubsubs, TOKEN))
        loops = [asyncio.create_task(broker.run()), asyncio.create_task(scheduler.run())]
        headers = {"dapr-api-token": TOKEN}
        async with httpx.AsyncClient(transport=transport, base_url="http://dapr", headers=headers) as http:
            yield Dapr(http, app)
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)

    async def test_a_request_without_the_token_is_401(self, dapr: Dapr) -> None:
        del dapr.http.headers["dapr-api-token"]
        assert 401 == (await dapr.publish(dapr.event("e1"))).status_code
        assert 204 == (await dapr.http.get("/v1.0/healthz")).status_code

    async def test_a_publish_without_raw_payload_is_no_cloud_event_for_a_kafka_source(self, dapr: Dapr) -> None:
        await dapr.http.post("/v1.0/publish/pubsub/task-events", json={"plain": True})
        await dapr.app.received(1)
        assert "dev.knative.kafka.event" == dapr.app.calls[0].body["type"]
        assert "com.dapr.event.sent" == dapr.app.calls[0].body["data"]["type"]

    async def test_a_publish_that_could_not_be_stored_is_500_and_names_its_entries(self, database_url: str) -> None:
        closed = AsyncConnectionPool(database_url, open=False)
        broker = Broker(Store(closed), WIRING, {"app": Recorder()}, SystemClock())
        sidecar = Sidecar(broker, Scheduler(Store(closed), Recorder(), SystemClock()), WIRING.pubsubs)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(sidecar), base_url="http://dapr") as http:
            dapr = Dapr(http, Recorder())
            assert 500 == (await dapr.publish(dapr.event("e1"))).status_code
            response = await dapr.publish_bulk([dapr.entry(dapr.event("e2"))])
        assert (500, f"{dapr.run}-e2") == (response.status_code, response.json()["failedEntries"][0]["entryId"])

    async def test_a_body_that_is_no_event_although_it_says_so_is_500(self, dapr: Dapr) -> None:
        headers = {"content-type": "application/cloudevents+json"}
        response = await dapr.http.post("/v1.0/publish/pubsub/task-events", content=b"{", headers=headers)
        assert (500, "ERR_PUBSUB_CLOUD_EVENTS_SER") == (response.status_code, response.json()["errorCode"])

    async def test_a_recurring_job_is_refused_because_nothing_here_would_repeat_it(self, dapr: Dapr) -> None:
        response = await dapr.http.post(dapr.job_path("daily"), json={"schedule": "@daily", "dueTime": "1s"})
        assert 400 == response.status_code
        assert "schedule" in response.json()["message"]
