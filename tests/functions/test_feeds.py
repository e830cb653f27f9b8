"""Secret URLs for calendar programs: they show the open tasks of their owner, and nothing once revoked."""

from typing import Any

from shared.ical_read import read_ical
from shared.reminder import Owner
from tests.harness import Ebb


async def made(ebb: Ebb, user: str = "alice") -> dict[str, Any]:
    answer = await ebb.call("POST", "/v1/feeds", {"name": "phone"}, user=user)
    assert 201 == answer.status_code, answer.text
    return dict(answer.json())


async def test_a_feed_shows_the_open_tasks_of_its_owner_without_a_token(ebb: Ebb) -> None:
    await ebb.create(title="mine", due={"date": "2026-03-05", "time": "09:00", "time_zone": "Europe/Berlin"})
    done = await ebb.create(title="done")
    await ebb.call("POST", f"/v1/tasks/{done['id']}/complete")
    await ebb.create(title="bob's", user="bob")
    feed = await made(ebb)
    answer = await ebb.call("GET", feed["path"], user="")
    assert (200, "private, no-cache") == (answer.status_code, answer.headers["cache-control"])
    assert answer.headers["content-type"].startswith("text/calendar")
    assert ["mine"] == [task.title for task in read_ical(answer.content, Owner("alice")).tasks]


async def test_what_has_not_changed_is_not_sent_again(ebb: Ebb) -> None:
    feed = await made(ebb)
    first = await ebb.call("GET", feed["path"], user="")
    unchanged = await ebb.call("GET", feed["path"], user="", if_none_match=first.headers["etag"])
    assert (304, b"") == (unchanged.status_code, unchanged.content)
    await ebb.create(title="new")
    assert 200 == (await ebb.call("GET", feed["path"], user="", if_none_match=first.headers["etag"])).status_code


async def test_a_calendar_without_tasks_gets_events(ebb: Ebb) -> None:
    await ebb.create(title="weekly", due={"date": "2026-03-05"}, recurrence={"rule": "FREQ=WEEKLY"})
    await ebb.create(title="without a date")
    lines = (await ebb.call("GET", f"{(await made(ebb))['path']}?as=events", user="")).content.splitlines()
    assert {b"BEGIN:VEVENT", b"DTSTART;VALUE=DATE:20260305", b"RRULE:FREQ=WEEKLY", b"SUMMARY:weekly"} <= set(lines)
    assert 1 == sum(line.startswith(b"DTSTART") for line in lines)
    assert not [line for line in lines if b"VTODO" in line or line.startswith((b"DUE", b"STATUS"))]
    assert b"SUMMARY:without a date" not in lines


async def test_a_revoked_feed_an_unknown_one_and_no_feed_look_the_same(ebb: Ebb) -> None:
    feed = await made(ebb)
    assert 404 == (await ebb.call("DELETE", f"/v1/feeds/{feed['id']}", user="bob")).status_code
    assert 204 == (await ebb.call("DELETE", f"/v1/feeds/{feed['id']}")).status_code
    assert 404 == (await ebb.call("DELETE", f"/v1/feeds/{feed['id']}")).status_code
    for path in (feed["path"], f"/v1/feed/{'x' * 43}.ics", "/v1/feed/%00.ics", "/v1/feed/x"):
        assert 404 == (await ebb.call("GET", path, user="")).status_code


async def test_the_list_shows_no_secret_and_storage_has_none(ebb: Ebb) -> None:
    feed = await made(ebb)
    secret = feed["path"].removeprefix("/v1/feed/").removesuffix(".ics")
    listed = await ebb.call("GET", "/v1/feeds")
    assert [{name: feed[name] for name in ("id", "name", "created_at")}] == listed.json()["feeds"]
    assert [] == (await ebb.call("GET", "/v1/feeds", user="bob")).json()["feeds"]
    assert secret.encode() not in (await ebb.sql("SELECT hash FROM feeds"))[0][0]


async def test_a_secret_only_reads_and_making_one_needs_a_token_that_writes(ebb: Ebb) -> None:
    feed = await made(ebb)
    for method in ("POST", "PUT", "DELETE"):
        assert (await ebb.call(method, feed["path"], b"", user="")).status_code in {404, 405}
    assert 401 == (await ebb.call("POST", "/v1/feeds", {}, user="")).status_code
    reading = f"Bearer {await ebb.token('alice', ('read',))}"
    assert 403 == (await ebb.call("POST", "/v1/feeds", {}, authorization=reading)).status_code
