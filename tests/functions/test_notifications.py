"""Telling people: once for each reminder and channel, whatever fails in between."""

import asyncio
import datetime as dt
from typing import Any

import pytest

from shared.outputs import Reply
from tests.harness import NOON, Ebb

MAIL: dict[str, Any] = {"email": {"address": "alice@example.org"}}
HOOK: dict[str, Any] = {"webhook": {"url": "http://127.0.0.1:9/hook"}}
BUSY = Reply(500, {}, b"error invoking output binding smtp: gomail: could not send email 1: 421 4.3.2 busy")
NOBODY = Reply(500, {}, b"error invoking output binding smtp: gomail: could not send email 1: 550 5.1.1 no such user")


async def settings(ebb: Ebb, **fields: Any) -> dict[str, Any]:
    """Change Alice's settings and return them."""
    answer = await ebb.call("PATCH", "/v1/settings", fields)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def ring(ebb: Ebb, **fields: Any) -> list[dict[str, Any]]:
    """Create a task with a reminder, let it ring, and return the events that followed."""
    at = (ebb.clock.now() + dt.timedelta(minutes=1)).isoformat()
    await ebb.create(**{"title": "Pay rent", "reminders": [{"at": at}], **fields})
    await ebb.settle()
    ebb.clock.pass_by(minutes=1)
    assert 1 == await ebb.ring()
    return await ebb.settle()


async def told(ebb: Ebb, query: str = "") -> list[dict[str, Any]]:
    """Return the first page of Alice's notifications."""
    return list((await ebb.call("GET", f"/v1/notifications{query}")).json()["notifications"])


async def states(ebb: Ebb) -> dict[str, str]:
    """Return the state of each channel of the newest notification."""
    return {delivery["channel"]: delivery["state"] for delivery in (await told(ebb))[0]["deliveries"]}


def types(events: list[dict[str, Any]]) -> list[str]:
    return [event["type"] for event in events if "notification" in event["type"]]


async def sweep(ebb: Ebb, **passed: float) -> list[dict[str, Any]]:
    """Let time pass and sweep; return the events that followed."""
    ebb.clock.pass_by(**passed)
    assert 204 == (await ebb.tick("sweep")).status_code
    return await ebb.settle()


async def test_a_fired_reminder_shows_in_the_app(ebb: Ebb) -> None:
    assert ["ebb.notification.sent.v1"] == types(await ring(ebb))
    (notification,) = await told(ebb)
    assert ("Pay rent", None) == (notification["title"], notification["read_at"])
    assert [("in_app", "sent", 1)] == [(d["channel"], d["state"], d["attempts"]) for d in notification["deliveries"]]


async def test_every_channel_is_told_once_and_says_so(ebb: Ebb) -> None:
    await settings(ebb, channels=MAIL | HOOK)
    assert ["ebb.notification.sent.v1"] * 3 == types(await ring(ebb))
    assert {"email": "sent", "in_app": "sent", "webhook": "sent"} == await states(ebb)
    assert ["http://127.0.0.1:9/hook", "smtp"] == sorted(where for where, _, _ in ebb.dapr.put_out)


@pytest.mark.parametrize("times", [2, 5])
async def test_an_event_that_comes_again_tells_nobody_again(ebb: Ebb, times: int) -> None:
    await settings(ebb, channels=MAIL)
    (fired,) = [event for event in await ring(ebb) if event["type"] == "ebb.reminder.fired.v1"]
    answers = await asyncio.gather(*(ebb.deliver("send-notification", fired) for _ in range(times)))
    assert {204} == {answer.status_code for answer in answers}
    assert (1, 1) == (len(ebb.dapr.put_out), len(await told(ebb)))


async def test_the_same_event_at_the_same_moment_tells_once(ebb: Ebb) -> None:
    await settings(ebb, channels=MAIL)
    at = (NOON + dt.timedelta(minutes=1)).isoformat()
    await ebb.create(title="a", reminders=[{"at": at}])
    await ebb.settle()
    ebb.clock.pass_by(minutes=1)
    await ebb.ring()
    await ebb.parts.relay.drain()
    fired = ebb.dapr.events[-1]
    await asyncio.gather(*(ebb.deliver("send-notification", fired) for _ in range(6)))
    assert (1, 1) == (len(ebb.dapr.put_out), len(await told(ebb)))


async def test_a_transient_failure_is_tried_again_when_sweep_says_so(ebb: Ebb) -> None:
    await settings(ebb, channels=MAIL)
    ebb.dapr.replies["smtp"] = BUSY
    assert ["ebb.notification.sent.v1"] == types(await ring(ebb))  # in the app
    assert {"email": "pending", "in_app": "sent"} == await states(ebb)
    assert [] == types(await sweep(ebb, seconds=29))
    ebb.dapr.replies.clear()
    assert ["ebb.notification.due.v1", "ebb.notification.sent.v1"] == types(await sweep(ebb, seconds=1))
    assert ({"email": "sent", "in_app": "sent"}, 2) == (await states(ebb), len(ebb.dapr.put_out))


async def test_a_permanent_failure_is_told_and_switches_the_address_off(ebb: Ebb) -> None:
    await settings(ebb, channels=MAIL)
    ebb.dapr.replies["smtp"] = NOBODY
    assert ["ebb.notification.sent.v1", "ebb.notification.failed.v1"] == types(await ring(ebb))
    assert {"email": "failed", "in_app": "sent"} == await states(ebb)
    assert "550 5.1.1" in (await ebb.call("GET", "/v1/settings")).json()["channels"]["email"]["problem"]
    await ring(ebb)
    assert {"in_app": "sent"} == await states(ebb)
    assert None is (await settings(ebb, channels=MAIL))["channels"]["email"]["problem"]


async def test_a_failure_that_comes_late_does_not_switch_a_new_address_off(ebb: Ebb) -> None:
    await settings(ebb, channels=MAIL)
    ebb.dapr.replies["smtp"] = BUSY
    await ring(ebb)
    await settings(ebb, channels={"email": {"address": "alice@example.com"}})
    ebb.dapr.replies.clear()
    await sweep(ebb, seconds=30)
    assert "alice@example.com" == ebb.dapr.put_out[-1][2]["emailTo"]


async def test_a_sender_that_dies_is_found_by_sweep_after_its_lease(ebb: Ebb) -> None:
    await settings(ebb, channels=MAIL)
    await ring(ebb)
    # As a kill between the claim and the sending leaves it.
    await ebb.sql("UPDATE deliveries SET state = 'sending', finished_at = NULL, acts_at = %s WHERE channel = 'email'",
                  ebb.clock.now() + dt.timedelta(seconds=90))  # fmt: skip
    assert [] == types(await sweep(ebb, seconds=89))
    assert ["ebb.notification.due.v1", "ebb.notification.sent.v1"] == types(await sweep(ebb, seconds=1))
    assert ({"email": "sent", "in_app": "sent"}, 2) == (await states(ebb), len(ebb.dapr.put_out))


async def test_sweep_says_once_that_it_is_time_though_nobody_listens(ebb: Ebb) -> None:
    await settings(ebb, channels=MAIL)
    ebb.dapr.replies["smtp"] = BUSY
    await ring(ebb)
    ebb.clock.pass_by(seconds=30)
    for _ in range(3):
        await ebb.tick("sweep")
    await ebb.parts.relay.drain()
    assert ["ebb.notification.due.v1"] == types(ebb.dapr.events)


async def test_two_that_hear_that_it_is_time_send_once(ebb: Ebb) -> None:
    await settings(ebb, channels=MAIL)
    ebb.dapr.replies["smtp"] = BUSY
    await ring(ebb)
    ebb.clock.pass_by(seconds=30)
    await ebb.tick("sweep")
    await ebb.parts.relay.drain()
    (due,) = ebb.dapr.events
    ebb.dapr.put_out.clear()
    await asyncio.gather(*(ebb.deliver("send-notification", due | {"id": f"copy {n}"}) for n in range(4)))
    assert 1 == len(ebb.dapr.put_out)


async def test_a_sidecar_that_is_away_loses_no_notification(ebb: Ebb) -> None:
    await settings(ebb, channels=MAIL | HOOK)
    ebb.dapr.deaf = True
    await ring(ebb)
    assert {"email": "pending", "in_app": "sent", "webhook": "pending"} == await states(ebb)
    ebb.dapr.deaf = False
    await sweep(ebb, seconds=30)
    assert {"email": "sent", "in_app": "sent", "webhook": "sent"} == await states(ebb)


async def test_one_dead_channel_keeps_no_other_from_telling(ebb: Ebb) -> None:
    await settings(ebb, channels=MAIL | HOOK)
    ebb.dapr.replies["http://127.0.0.1:9/hook"] = Reply(503, {}, b"")
    await ring(ebb)
    assert {"email": "sent", "in_app": "sent", "webhook": "pending"} == await states(ebb)


async def test_in_quiet_hours_only_the_app_tells_and_the_rest_follows_at_their_end(ebb: Ebb) -> None:
    await settings(ebb, channels=MAIL, quiet_hours={"from": "11:00", "until": "13:00"})
    await ring(ebb)
    assert ({"email": "pending", "in_app": "sent"}, []) == (await states(ebb), ebb.dapr.put_out)
    assert [] == types(await sweep(ebb, minutes=58))
    await sweep(ebb, minutes=1)
    assert ({"email": "sent", "in_app": "sent"}, 1) == (await states(ebb), len(ebb.dapr.put_out))


async def test_what_is_tried_again_in_quiet_hours_waits_for_their_end(ebb: Ebb) -> None:
    await settings(ebb, channels=MAIL, quiet_hours={"from": "12:02", "until": "13:00"})
    ebb.dapr.replies["smtp"] = BUSY
    await ring(ebb)  # at 12:01
    ebb.dapr.replies.clear()
    ebb.dapr.put_out.clear()
    assert ["ebb.notification.due.v1"] == types(await sweep(ebb, minutes=1))
    assert [] == types(await sweep(ebb, minutes=57))
    assert [] == ebb.dapr.put_out
    await sweep(ebb, minutes=1)
    assert ({"email": "sent", "in_app": "sent"}, 1) == (await states(ebb), len(ebb.dapr.put_out))


async def test_what_is_done_when_quiet_hours_end_is_not_told(ebb: Ebb) -> None:
    await settings(ebb, channels=MAIL, quiet_hours={"from": "11:00", "until": "13:00"})
    await ring(ebb)
    (task,) = await ebb.tasks()
    await ebb.call("POST", f"/v1/tasks/{task['id']}/complete")
    await sweep(ebb, hours=1)
    assert ({"email": "cancelled", "in_app": "sent"}, []) == (await states(ebb), ebb.dapr.put_out)


async def test_a_channel_that_was_removed_meanwhile_gets_nothing(ebb: Ebb) -> None:
    await settings(ebb, channels=MAIL)
    ebb.dapr.replies["smtp"] = BUSY
    await ring(ebb)
    await settings(ebb, channels={"email": None})
    ebb.dapr.put_out.clear()
    await sweep(ebb, seconds=30)
    assert ({"email": "cancelled", "in_app": "sent"}, []) == (await states(ebb), ebb.dapr.put_out)


async def test_a_task_that_was_closed_before_anybody_was_told_needs_no_reminder(ebb: Ebb) -> None:
    at = (NOON + dt.timedelta(minutes=1)).isoformat()
    task = await ebb.create(title="a", reminders=[{"at": at}])
    await ebb.settle()
    ebb.clock.pass_by(minutes=1)
    await ebb.ring()
    await ebb.call("POST", f"/v1/tasks/{task['id']}/complete")
    await ebb.settle()
    assert [] == await told(ebb)


async def test_the_words_are_in_the_users_language_and_zone(ebb: Ebb) -> None:
    await settings(ebb, locale="de", time_zone="Europe/Berlin", channels=MAIL)
    await ring(ebb, due={"date": "2026-03-02", "time": "12:00", "time_zone": "America/New_York"})
    ((_, html, metadata),) = ebb.dapr.put_out
    assert "18:00" in html
    assert 'lang="de"' in html
    assert "Pay rent" in metadata["subject"]


async def test_read_is_kept_and_can_be_said_twice(ebb: Ebb) -> None:
    await ring(ebb)
    (notification,) = await told(ebb, "?unread=true")
    first = await ebb.call("POST", f"/v1/notifications/{notification['id']}/read")
    ebb.clock.pass_by(minutes=1)
    second = await ebb.call("POST", f"/v1/notifications/{notification['id']}/read")
    assert (200, first.json()) == (first.status_code, second.json())
    assert ([], 1) == (await told(ebb, "?unread=true"), len(await told(ebb, "?unread=false")))


async def test_the_notifications_of_others_look_like_missing_ones(ebb: Ebb) -> None:
    await ring(ebb)
    (notification,) = await told(ebb)
    for method, rest in (("GET", ""), ("POST", "/read")):
        answer = await ebb.call(method, f"/v1/notifications/{notification['id']}{rest}", user="bob")
        assert 404 == answer.status_code
    assert [] == (await ebb.call("GET", "/v1/notifications", user="bob")).json()["notifications"]


@pytest.mark.parametrize("query", ["?unread=yes", "?task=x", "?limit=0", "?cursor=x", "?since=1"])
async def test_wrong_parameters_are_refused(ebb: Ebb, query: str) -> None:
    assert 422 == (await ebb.call("GET", f"/v1/notifications{query}")).status_code


async def test_pages_go_on_where_the_one_before_ended(ebb: Ebb) -> None:
    for n in range(3):
        await ring(ebb, title=f"task {n}")
    first = (await ebb.call("GET", "/v1/notifications?limit=2")).json()
    second = (await ebb.call("GET", f"/v1/notifications?limit=2&cursor={first['next']}")).json()
    titles = [one["title"] for page in (first, second) for one in page["notifications"]]
    assert (["task 2", "task 1", "task 0"], None) == (titles, second["next"])


async def test_every_change_of_a_notification_gets_a_change_number(ebb: Ebb) -> None:
    await settings(ebb, channels=MAIL)
    await ring(ebb)
    ((seq, newest),) = await ebb.sql(
        "SELECT n.change_seq, u.change_seq FROM notifications n JOIN users u ON u.id = n.user_id"
    )
    assert newest == seq
