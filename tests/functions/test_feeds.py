"""Secret URLs for calendar programs: they show the open tasks of their owner, and nothing once revoked."""

import asyncio
from typing import Any

from structlog.testing import capture_logs

from shared.feed_reading import FIND
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


async def test_a_repeated_request_makes_one_feed_and_does_not_show_it_again(ebb: Ebb) -> None:
    first = await ebb.call("POST", "/v1/feeds", {"name": "phone"}, idempotency_key="k")
    again = await ebb.call("POST", "/v1/feeds", {"name": "phone"}, idempotency_key="k")
    assert (201, "true", {**first.json(), "path": None}) == (
        again.status_code, again.headers["idempotent-replayed"], again.json(),
    )  # fmt: skip
    assert 1 == len((await ebb.call("GET", "/v1/feeds")).json()["feeds"])


async def test_a_secret_stands_in_no_table_event_or_log(ebb: Ebb) -> None:
    with capture_logs() as logs:
        feed = (await ebb.call("POST", "/v1/feeds", {}, idempotency_key="k")).json()
        await ebb.call("GET", feed["path"], user="")
    events = await ebb.settle()
    tables = [await ebb.sql(f"SELECT * FROM {table}") for table in await ebb.row_counts()]
    secret = feed["path"].removeprefix("/v1/feed/").removesuffix(".ics")
    assert secret not in f"{logs} {events} {tables}"


async def test_making_and_revoking_stand_in_the_audit_log(ebb: Ebb) -> None:
    feed = await made(ebb)
    await ebb.call("DELETE", f"/v1/feeds/{feed['id']}")
    assert ["ebb.feed.created.v1", "ebb.feed.revoked.v1"] == [event["type"] for event in await ebb.settle()]
    assert ["ebb.feed.revoked.v1", "ebb.feed.created.v1"] == [entry["type"] for entry in await ebb.audit()]


async def test_a_user_has_a_hundred_feeds_at_most_also_when_many_are_made_at_once(ebb: Ebb) -> None:
    await ebb.token("alice")
    answers = await asyncio.gather(*(ebb.call("POST", "/v1/feeds", {}) for _ in range(105)))
    assert {201: 100, 422: 5} == {code: sum(a.status_code == code for a in answers) for code in (201, 422)}


async def test_a_feed_of_a_closed_account_shows_nothing(ebb: Ebb) -> None:
    await ebb.create(title="mine")
    feed = await made(ebb)
    assert 202 == (await ebb.call("DELETE", "/v1/account?confirm=alice")).status_code
    assert 404 == (await ebb.call("GET", feed["path"], user="")).status_code
    await ebb.settle()
    assert 404 == (await ebb.call("GET", feed["path"], user="")).status_code
    assert [] == await ebb.sql("SELECT id FROM feeds")


async def test_a_feed_is_read_out_of_its_owners_bucket(migrated_url: str) -> None:
    ebb = Ebb(migrated_url, RATE_LIMIT_PER_SECOND="1", RATE_LIMIT_BURST="3")
    await ebb.sql("DELETE FROM users")
    first, second = await made(ebb), await made(ebb)
    read = await ebb.call("GET", first["path"], user="")
    assert (200, '"user";r=0;t=3') == (read.status_code, read.headers["ratelimit"])
    refused = await ebb.call("GET", second["path"], user="")
    assert (429, "1") == (refused.status_code, refused.headers["retry-after"])
    assert 200 == (await ebb.call("GET", (await made(ebb, "bob"))["path"], user="")).status_code
    unknown = [(await ebb.call("GET", f"/v1/feed/{'x' * 43}.ics", user="")).status_code for _ in range(5)]
    assert [404] * 5 == unknown
    await ebb.close()


async def test_an_unknown_secret_costs_one_look_up_in_an_index_and_a_wrong_form_none(ebb: Ebb) -> None:
    await made(ebb)
    async with ebb.parts.database.statements() as connection:
        await connection.execute("SET enable_seqscan = off")
        plan = await (await connection.execute(f"EXPLAIN {FIND}", (b"x" * 32,))).fetchall()
        await connection.execute("RESET enable_seqscan")
    assert [] == [line for (line,) in plan if "Seq Scan" in line]


async def test_only_the_collection_and_its_feeds_are_paths(ebb: Ebb) -> None:
    feed = await made(ebb)
    assert 404 == (await ebb.call("DELETE", f"/v1/feeds/{feed['id']}/read")).status_code
    assert 422 == (await ebb.call("DELETE", f"/v1/feeds/{feed['id']}?force=1")).status_code
    assert 1 == len((await ebb.call("GET", "/v1/feeds")).json()["feeds"])
