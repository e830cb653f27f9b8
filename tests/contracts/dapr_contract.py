"""What Ebb relies on of Dapr's HTTP API: one suite, run against the stand-in and against the real daprd.

A subclass gives the fixture `dapr`. The app behind it gets the events of the topic (at `/`) and the jobs; it only ever
sees HTTP, and so do the tests. Names are new in every test, because a real Kafka remembers those of earlier ones.
"""

# ruff: noqa: D102 -- the name of a test states its rule

import asyncio
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from starlette.responses import Response

from tests.recorder import Call, Recorder

CLOUDEVENTS_JSON = "application/cloudevents+json"
RAW = {"metadata.rawPayload": "true", "metadata.content-type": CLOUDEVENTS_JSON}


@dataclass(slots=True)
class Dapr:
    """A sidecar (`http`, with its base URL) and the app it delivers to; `pubsub` and `topic` are connected to it."""

    http: httpx.AsyncClient
    app: Recorder
    pubsub: str = "pubsub"
    topic: str = "task-events"
    run: str = field(default_factory=lambda: uuid.uuid4().hex[:8])

    def event(self, name: str, key: str = "k") -> dict[str, Any]:
        """Return a CloudEvent whose id is `name` in this test."""
        attributes = {"specversion": "1.0", "id": f"{self.run}-{name}", "source": "/ebb/test"}
        rest = {"type": "ebb.task.created.v1", "partitionkey": f"{self.run}-{key}", "data": {"title": "Milch äöü"}}
        return {**attributes, **rest, "datacontenttype": "application/json"}

    async def publish(self, event: dict[str, Any], **metadata: str) -> httpx.Response:
        """Publish one event as the relay's fallback would."""
        params = {**RAW, "metadata.partitionKey": event["partitionkey"], **metadata}
        headers = {"content-type": CLOUDEVENTS_JSON}
        return await self.http.post(self._path("publish"), params=params, json=event, headers=headers)

    async def publish_bulk(self, body: object) -> httpx.Response:
        """Publish entries."""
        return await self.http.post(self._path("publish/bulk"), params=RAW, json=body)

    def entry(self, event: dict[str, Any]) -> dict[str, Any]:
        """Return the bulk entry of an event."""
        metadata = {"partitionKey": event["partitionkey"]}
        return {"entryId": event["id"], "event": event, "contentType": CLOUDEVENTS_JSON, "metadata": metadata}

    async def set_job(self, name: str, due: timedelta, **more: object) -> httpx.Response:
        """Set a job that rings `due` from now."""
        at = (datetime.now(UTC) + due).isoformat().replace("+00:00", "Z")
        body = {"dueTime": at, "data": {"name": name}, **more}
        return await self.http.post(self.job_path(name), json=body)

    def job_path(self, name: str) -> str:
        """Return the path of a job of this test."""
        return f"/v1.0/jobs/{self.run}-{name}"

    async def reached(self, name: str, count: int = 1) -> list[str]:
        """Wait until an event or job came this often; return the names of this test's calls so far."""
        await self.app.received_name(f"{self.run}-{name}", count)
        mine = [call for call in self.app.names if call.startswith(self.run)]
        return [call.removeprefix(f"{self.run}-") for call in mine]

    def calls(self, name: str) -> list[Call]:
        """Return the calls with this name."""
        return [call for call in self.app.calls if call.name == f"{self.run}-{name}"]

    def answer_first(self, name: str, *statuses: int) -> None:
        """Let the app answer these statuses to the first calls of `name`, then 204."""
        left = list(statuses)

        def answer(call: Call) -> Response:
            return Response(status_code=left.pop(0) if left and call.name == f"{self.run}-{name}" else 204)

        self.app.answer = answer

    def _path(self, verb: str) -> str:
        return f"/v1.0/{verb}/{self.pubsub}/{self.topic}"


SOON, LATER = timedelta(seconds=0.3), timedelta(seconds=0.6)


class DaprContract:
    """The rules. The default failure policy of jobs is left out: Ebb always gives its own."""

    async def test_the_health_check_answers_204(self, dapr: Dapr) -> None:
        assert 204 == (await dapr.http.get("/v1.0/healthz")).status_code

    async def test_a_published_cloud_event_reaches_the_app_unchanged(self, dapr: Dapr) -> None:
        event = dapr.event("e1")
        assert 204 == (await dapr.publish(event)).status_code
        await dapr.reached("e1")
        call = dapr.calls("e1")[0]
        assert CLOUDEVENTS_JSON == call.content_type.partition(";")[0]
        assert event == {name: call.body.get(name) for name in event}

    async def test_a_bulk_publish_keeps_the_order_of_each_key(self, dapr: Dapr) -> None:
        events = [dapr.event(f"{key}{number}", key) for number in range(20) for key in "ab"]
        response = await dapr.publish_bulk([dapr.entry(event) for event in events])
        assert (204, b"") == (response.status_code, response.content)
        await dapr.reached("a19")
        names = await dapr.reached("b19")
        assert [f"a{number}" for number in range(20)] == [name for name in names if name.startswith("a")]
        assert [f"b{number}" for number in range(20)] == [name for name in names if name.startswith("b")]

    async def test_an_unknown_pubsub_is_404(self, dapr: Dapr) -> None:
        dapr.pubsub = "nothing"
        response = await dapr.publish(dapr.event("e1"))
        assert (404, "ERR_PUBSUB_NOT_FOUND") == (response.status_code, response.json()["errorCode"])

    async def test_a_bulk_body_that_is_no_array_is_400(self, dapr: Dapr) -> None:
        response = await dapr.publish_bulk({"entryId": "1"})
        assert (400, "ERR_PUBSUB_EVENTS_SER") == (response.status_code, response.json()["errorCode"])

    async def test_a_bulk_body_with_an_entry_id_twice_is_400(self, dapr: Dapr) -> None:
        entry = dapr.entry(dapr.event("e1"))
        assert 400 == (await dapr.publish_bulk([entry, entry])).status_code

    async def test_a_bulk_body_of_more_than_4_mib_is_400(self, dapr: Dapr) -> None:
        large = dapr.event("e1") | {"data": "x" * 4 * 1024 * 1024}
        response = await dapr.publish_bulk([dapr.entry(large)])
        assert (400, "ERR_PUBSUB_EVENTS_SER") == (response.status_code, response.json()["errorCode"])

    async def test_a_flag_that_is_no_boolean_is_400(self, dapr: Dapr) -> None:
        response = await dapr.publish(dapr.event("e1"), **{"metadata.rawPayload": "perhaps"})
        assert (400, "ERR_PUBSUB_REQUEST_METADATA") == (response.status_code, response.json()["errorCode"])

    async def test_an_event_answered_503_comes_again_before_the_next_of_its_key(self, dapr: Dapr) -> None:
        dapr.answer_first("e1", 503, 503)
        await dapr.publish_bulk([dapr.entry(dapr.event(name)) for name in ("e1", "e2")])
        assert ["e1", "e1", "e1", "e2"] == await dapr.reached("e2")

    async def test_an_event_answered_400_does_not_come_again(self, dapr: Dapr) -> None:
        dapr.answer_first("e1", 400)
        await dapr.publish_bulk([dapr.entry(dapr.event(name)) for name in ("e1", "e2")])
        assert ["e1", "e2"] == await dapr.reached("e2")

    async def test_a_job_arrives_at_its_time_with_its_data(self, dapr: Dapr) -> None:
        began = asyncio.get_running_loop().time()
        assert 204 == (await dapr.set_job("alarm", SOON)).status_code
        await dapr.reached("alarm")
        assert SOON.total_seconds() - 0.01 <= asyncio.get_running_loop().time() - began
        assert [Call(f"/job/{dapr.run}-alarm", "application/json", {"name": "alarm"})] == dapr.calls("alarm")

    async def test_a_due_time_may_be_a_duration(self, dapr: Dapr) -> None:
        await dapr.http.post(dapr.job_path("alarm"), json={"dueTime": "100ms", "data": 1})
        assert ["alarm"] == await dapr.reached("alarm")

    async def test_a_job_in_the_past_arrives_at_once(self, dapr: Dapr) -> None:
        await dapr.set_job("later", LATER)
        await dapr.set_job("past", timedelta(hours=-1))
        assert ["past"] == await dapr.reached("past")

    async def test_a_moved_job_arrives_once_at_the_new_time(self, dapr: Dapr) -> None:
        await dapr.set_job("moved", SOON)
        assert 204 == (await dapr.set_job("moved", LATER, overwrite=True)).status_code
        await dapr.set_job("between", SOON + timedelta(seconds=0.1))
        assert ["between", "moved"] == await dapr.reached("moved")

    async def test_a_cancelled_job_does_not_arrive(self, dapr: Dapr) -> None:
        await dapr.set_job("cancelled", SOON)
        assert 204 == (await dapr.http.delete(dapr.job_path("cancelled"))).status_code
        await dapr.set_job("after", LATER)
        assert ["after"] == await dapr.reached("after")

    async def test_a_name_that_is_taken_is_409_and_the_first_job_stays(self, dapr: Dapr) -> None:
        await dapr.set_job("alarm", SOON)
        body = {"dueTime": "1h", "data": "second"}
        assert 409 == (await dapr.http.post(dapr.job_path("alarm"), json=body)).status_code
        await dapr.reached("alarm")
        assert {"name": "alarm"} == dapr.calls("alarm")[0].body

    async def test_a_job_without_a_due_time_is_400(self, dapr: Dapr) -> None:
        assert 400 == (await dapr.http.post(dapr.job_path("alarm"), json={"data": 1})).status_code

    async def test_a_set_job_can_be_read(self, dapr: Dapr) -> None:
        await dapr.set_job("alarm", timedelta(hours=1))
        assert 200 == (await dapr.http.get(dapr.job_path("alarm"))).status_code

    async def test_deleting_a_missing_job_is_204_and_reading_it_is_500(self, dapr: Dapr) -> None:
        assert 204 == (await dapr.http.delete(dapr.job_path("missing"))).status_code
        assert 500 == (await dapr.http.get(dapr.job_path("missing"))).status_code

    async def test_a_job_without_a_limit_comes_until_it_is_taken(self, dapr: Dapr) -> None:
        dapr.answer_first("alarm", 503, 503, 503, 503, 503)
        await dapr.set_job("alarm", SOON, failurePolicy={"constant": {"interval": "0.1s"}})
        assert ["alarm"] * 6 == await dapr.reached("alarm", 6)

    async def test_a_job_is_dropped_after_its_retries(self, dapr: Dapr) -> None:
        dapr.answer_first("alarm", *[503] * 9)
        await dapr.set_job("alarm", SOON, failurePolicy={"constant": {"interval": "0.1s", "maxRetries": 2}})
        await dapr.reached("alarm", 3)
        await dapr.set_job("after", LATER)
        assert ["alarm", "alarm", "alarm", "after"] == await dapr.reached("after")

    async def test_a_job_answered_404_counts_as_delivered(self, dapr: Dapr) -> None:
        dapr.answer_first("alarm", 404)
        await dapr.set_job("alarm", timedelta(), failurePolicy={"constant": {"interval": "0.1s"}})
        await dapr.reached("alarm")
        await dapr.set_job("after", LATER)
        assert ["alarm", "after"] == await dapr.reached("after")
