"""A user's way through the public routes, with every part a real one."""

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.cluster.installation import Installation, await_

pytestmark = pytest.mark.cluster


def audit(client: httpx.Client, task: str) -> list[str]:
    entries = client.get("/v1/audit", params={"task": task}).raise_for_status().json()["entries"]
    return [entry["type"].removeprefix("ebb.").removesuffix(".v1") for entry in reversed(entries)]


def created(client: httpx.Client, **fields: Any) -> dict[str, Any]:
    return dict(client.post("/v1/tasks", json=fields).raise_for_status().json())


def test_every_command_has_its_effect_and_its_event(alice: httpx.Client) -> None:
    task = created(alice, text="Pay rent tomorrow at 9 !high #home")
    assert ("Pay rent", "high", ["home"]) == (task["title"], task["priority"], task["tags"])
    path = f"/v1/tasks/{task['id']}"
    assert "in cash" == alice.patch(path, json={"notes": "in cash"}).raise_for_status().json()["notes"]
    assert "completed" == alice.post(f"{path}/complete", json={}).raise_for_status().json()["status"]
    assert "open" == alice.post(f"{path}/reopen", json={}).raise_for_status().json()["status"]
    assert task["id"] in [one["id"] for one in alice.get("/v1/tasks").json()["tasks"]]
    assert 204 == alice.delete(path).status_code
    assert 404 == alice.get(path).status_code
    wanted = ["task.created", "task.updated", "task.completed", "task.reopened", "task.deleted"]
    await_("five audit entries in order", lambda: wanted == audit(alice, task["id"]))


def test_a_completed_occurrence_makes_the_next_one(alice: httpx.Client) -> None:
    task = created(alice, text="Water the plants every day at 9")
    alice.post(f"/v1/tasks/{task['id']}/complete", json={}).raise_for_status()
    series = task["series"]["id"]
    find = {"series": series, "status": "open"}
    (successor,) = await_("a successor", lambda: alice.get("/v1/tasks", params=find).json()["tasks"])
    assert task["due"]["date"] < successor["due"]["date"]


def test_a_reminder_wakes_its_function_from_zero_and_reaches_the_person(
    installation: Installation, alice: httpx.Client
) -> None:
    installation.await_zero("fire-reminder", "send-notification")
    at = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=20)
    task = created(alice, title="Ring", reminders=[{"at": at.isoformat()}])
    await_("fired and told", lambda: "notification.sent" in audit(alice, task["id"]))
    assert 1 == audit(alice, task["id"]).count("reminder.fired")
    entries = alice.get("/v1/audit", params={"task": task["id"], "type": "ebb.reminder.fired.v1"}).json()["entries"]
    assert [False] == [entry["changes"]["late"] for entry in entries]  # by its job, not by sweep
    told = [one["task"] for one in alice.get("/v1/notifications").json()["notifications"]]
    assert 1 == told.count(task["id"])


def test_users_are_walls(installation: Installation, alice: httpx.Client) -> None:
    task = created(alice, title="Mine")
    bob = {"authorization": f"Bearer {installation.token('bob')}"}
    assert 404 == httpx.get(f"{installation.url}/v1/tasks/{task['id']}", headers=bob, trust_env=False).status_code
    assert 401 == httpx.get(f"{installation.url}/v1/tasks", trust_env=False, timeout=60).status_code


def test_what_has_no_route_is_not_there(installation: Installation, alice: httpx.Client) -> None:
    for path in ("/job/x", "/dead-letters", "/health/liveness", "/metrics"):
        assert 404 == alice.post(path, json={}).status_code
    # A function has no address of its own outside of the cluster.
    host = {"host": f"sweep.{installation.namespace}.svc.cluster.local"}
    assert 404 == httpx.post(installation.url, headers=host, trust_env=False).status_code


def test_an_open_stream_shows_each_change_once_and_goes_on_where_it_was_cut(alice: httpx.Client) -> None:
    first = created(alice, title="Before")
    with alice.stream("GET", "/v1/stream", headers={"accept": "text/event-stream"}) as stream:
        events = sent(stream)
        token, _ = await_event(events, first["id"])
    missed = created(alice, title="While nobody looked")
    with alice.stream("GET", "/v1/stream", headers={"last-event-id": token}) as stream:
        events = sent(stream)
        _, value = await_event(events, missed["id"])
        assert "While nobody looked" == value["title"]
        live = created(alice, title="Live")
        assert "Live" == await_event(events, live["id"])[1]["title"]


def sent(stream: httpx.Response) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return the id and the change of each event (WHATWG HTML, 9.2)."""
    assert stream.headers["content-type"].startswith("text/event-stream")
    token = ""
    for line in stream.iter_lines():
        if line.startswith("id:"):
            token = line[3:].strip()
        elif line.startswith("data:"):
            yield token, json.loads(line[5:])


def await_event(events: Iterator[tuple[str, dict[str, Any]]], task: str) -> tuple[str, dict[str, Any]]:
    """Return the first event about a task: its token and the task."""
    return next((token, change["value"]) for token, change in events if change["value"].get("id") == task)
