"""The stand-in for Dapr keeps the contracts that the real daprd keeps."""

# ruff: noqa: D102 -- the name of a test states its rule

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from shared.bootstrap import FUNCTIONS
from shared.clock import SystemClock
from shared.dapr import Dapr as Client
from shared.embedded.bindings import connect
from shared.embedded.broker import Broker
from shared.embedded.listener import Listener
from shared.embedded.local_secrets import LocalSecrets
from shared.embedded.manifests import load
from shared.embedded.output_api import OutputApi, outgoing_client
from shared.embedded.scheduler import Scheduler
from shared.embedded.sidecar import Sidecar
from shared.embedded.store import Store
from shared.embedded.wiring import Manifests, Retry, Source, Trigger
from tests.contracts.archive_contract import ArchiveContract, amazon
from tests.contracts.dapr_contract import Dapr, DaprContract
from tests.contracts.outputs_contract import Far, OutputsContract, client_of
from tests.receivers import HttpReceiver, MailServer
from tests.recorder import Recorder

TOKEN = "only-for-this-test"
RETRY = Retry(5, timedelta(seconds=0.05), exponential=False)
WIRING = Manifests(
    routes=(),
    brokers=("default",),
    sources=(
        Source("task-events", "ebb", ("task-events",), "default"),
        Source("dead-letters", "ebb", ("dead-letters",), None, Trigger("d", None, "keep", lambda _: True, RETRY, None)),
    ),
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
            await connection.execute("TRUNCATE standin.deliveries, standin.jobs")
        broker, scheduler = Broker(store, WIRING, {"app": app, "keep": Recorder()}, clock), Scheduler(store, app, clock)
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
        broker = Broker(Store(closed), WIRING, {"app": Recorder(), "keep": Recorder()}, SystemClock())
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


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def sidecar(
    pool: AsyncConnectionPool[AsyncConnection], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[str, MailServer, HttpReceiver]]:
    """Start it and its far sides once."""
    store, clock, listener, folder = Store(pool), SystemClock(), Listener(0), tmp_path_factory.mktemp("outputs")
    async with MailServer().serving() as mail, HttpReceiver().serving() as web, outgoing_client() as http:
        (folder / "secrets.json").write_text(json.dumps({"smtp": mail.secret}))
        secrets = LocalSecrets({"FCM_URL": web.url}, folder / "secrets.json")
        outputs = connect(load(FUNCTIONS.parent).bindings, secrets, folder / "outbox", http, clock, print)
        sidecar = Sidecar(
            Broker(store, WIRING, {"app": Recorder(), "keep": Recorder()}, clock),
            Scheduler(store, Recorder(), clock),
            WIRING.pubsubs,
            TOKEN,
            OutputApi(outputs, http).routes(),
        )
        async with listener.serving(sidecar):
            yield listener.url, mail, web


class TestStandInOutputs(OutputsContract):
    """The contract of what leaves the system, with the components of the repository."""

    @pytest_asyncio.fixture
    async def far(self, sidecar: tuple[str, MailServer, HttpReceiver]) -> AsyncIterator[Far]:
        url, mail, web = sidecar
        mail.forget()
        web.forget()
        dapr = client_of(url, TOKEN)
        yield Far(dapr, TOKEN, mail, web)
        await dapr.close()


@pytest.fixture(scope="module")
def secret() -> Iterator[dict[str, str]]:
    """Start an Amazon; the secret of the component `archive`."""
    with amazon() as given:
        yield given


class TestStandInArchive(ArchiveContract):
    """The contract of the archive, with the component of the repository."""

    @pytest_asyncio.fixture
    async def dapr(
        self, pool: AsyncConnectionPool[AsyncConnection], secret: dict[str, str], tmp_path: Path
    ) -> AsyncIterator[Client]:
        store, clock, listener = Store(pool), SystemClock(), Listener(0)
        (tmp_path / "secrets.json").write_text(json.dumps({"archive": secret}))
        async with outgoing_client() as http:
            secrets = LocalSecrets({}, tmp_path / "secrets.json")
            outputs = connect(load(FUNCTIONS.parent).bindings, secrets, tmp_path / "outbox", http, clock, print)
            broker = Broker(store, WIRING, {"app": Recorder(), "keep": Recorder()}, clock)
            scheduler = Scheduler(store, Recorder(), clock)
            sidecar = Sidecar(broker, scheduler, WIRING.pubsubs, TOKEN, OutputApi(outputs, http).routes())
            async with listener.serving(sidecar):
                client = client_of(listener.url, TOKEN)
                yield client
                await client.close()
