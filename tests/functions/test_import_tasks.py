"""Importing: each task of a file once, newer files change it, later edits here are kept, damage is named."""

import asyncio
import json
from pathlib import Path
from typing import Any

from tests.harness import Ebb

CALENDARS = Path(__file__).parents[1] / "data" / "calendars"


def ics(*todos: str) -> bytes:
    inside = "".join(f"BEGIN:VTODO\r\n{todo}\r\nEND:VTODO\r\n" for todo in todos)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{inside}END:VCALENDAR\r\n".encode()


def todo(uid: str, *lines: str) -> str:
    return "\r\n".join((f"UID:{uid}", f"SUMMARY:{uid}", *lines))


async def take(ebb: Ebb, body: bytes, kind: str = "ics", **how: str) -> dict[str, Any]:
    answer = await ebb.call("POST", f"/v1/import?format={kind}", body, **how)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def export(ebb: Ebb, kind: str = "ics", user: str = "alice") -> bytes:
    answer = await ebb.call("GET", f"/v1/export?format={kind}", user=user)
    assert answer.status_code == 200, answer.text
    return answer.content


def counts(report: dict[str, Any]) -> tuple[int, int, int]:
    return report["created"], report["updated"], report["unchanged"]


async def everything(ebb: Ebb) -> dict[str, int]:
    rows = await ebb.row_counts()
    return {name: rows[name] for name in ("tasks", "series", "reminders", "tags", "outbox", "audit", "imports")}


async def test_every_file_comes_in_once(ebb: Ebb) -> None:
    for path in sorted(CALENDARS.glob("*.ics")):
        first = await take(ebb, path.read_bytes())
        assert 0 < first["created"]
        before = await everything(ebb)
        again = await take(ebb, path.read_bytes())
        assert (0, 0, first["created"]) == counts(again)
        assert first["rejected"] == again["rejected"]
        assert before == await everything(ebb)


async def test_one_file_imported_at_once_makes_each_task_once(ebb: Ebb) -> None:
    body = ics(*(todo(f"u{n}", "CATEGORIES:x,y") for n in range(150)))
    await ebb.token("alice")
    reports = await asyncio.gather(*(take(ebb, body) for _ in range(4)))
    assert 150 == sum(report["created"] for report in reports)
    assert 450 == sum(report["unchanged"] for report in reports)
    assert 150 == (await everything(ebb))["tasks"]


async def test_a_task_that_came_in_has_every_field(ebb: Ebb) -> None:
    await ebb.live_in("Europe/Berlin")
    await take(ebb, (CALENDARS / "nextcloud_tasks.ics").read_bytes())
    fair = next(task for task in await ebb.tasks() if task["title"].startswith("Plan"))
    assert {"date": "2026-04-10", "time": None, "time_zone": None, "at": None} == fair["due"]
    assert ("medium", ["Fair", "Work, paid"], "open") == (fair["priority"], fair["tags"], fair["status"])
    assert ["2026-04-08T22:00:00Z"] == [reminder["fire_at"] for reminder in fair["reminders"]]
    assert "2026-02-01T11:00:00Z" == fair["created_at"]


async def test_events_and_audit_are_those_of_the_commands(ebb: Ebb) -> None:
    await take(ebb, ics(todo("a", "DUE:20260310T100000Z", "RRULE:FREQ=WEEKLY", "CATEGORIES:home")))
    events = await ebb.settle()
    assert ["ebb.series.created.v1", "ebb.tag.created.v1", "ebb.task.created.v1"] == sorted(e["type"] for e in events)
    assert {"/ebb/import-tasks"} == {event["source"] for event in events}
    (task,) = await ebb.tasks()
    await ebb.call("POST", f"/v1/tasks/{task['id']}/complete")
    await ebb.settle()
    assert ["2026-03-10", "2026-03-17"] == [task["due"]["date"] for task in await ebb.tasks()]


async def test_an_import_rings_nothing_that_is_past(ebb: Ebb) -> None:
    alarms = (
        "BEGIN:VALARM\r\nTRIGGER;VALUE=DATE-TIME:20260301T100000Z\r\nEND:VALARM",
        "BEGIN:VALARM\r\nTRIGGER;RELATED=END:-PT30M\r\nEND:VALARM",
        "BEGIN:VALARM\r\nTRIGGER;RELATED=END:-PT5M\r\nEND:VALARM",
    )
    await take(ebb, ics(todo("a", "DUE:20260302T121000Z", *alarms)))
    (task,) = await ebb.tasks()
    assert ["cancelled", "cancelled", "pending"] == [reminder["state"] for reminder in task["reminders"]]


async def test_a_newer_file_changes_what_nobody_has_touched_here(ebb: Ebb) -> None:
    await take(ebb, ics(todo("a", "SEQUENCE:1", "LAST-MODIFIED:20260201T000000Z")))
    newer = ics("UID:a\r\nSUMMARY:b\r\nSEQUENCE:2\r\nLAST-MODIFIED:20260202T000000Z\r\nSTATUS:COMPLETED")
    assert (0, 1, 0) == counts(await take(ebb, newer))
    assert (0, 0, 1) == counts(await take(ebb, newer))
    (task,) = await ebb.tasks()
    assert ("b", "completed") == (task["title"], task["status"])
    assert (0, 0, 1) == counts(await take(ebb, ics(todo("a", "SEQUENCE:1", "LAST-MODIFIED:20260201T000000Z"))))
    assert ["b"] == [task["title"] for task in await ebb.tasks()]


async def test_a_later_edit_here_is_kept_and_told_about(ebb: Ebb) -> None:
    await take(ebb, ics(todo("a", "LAST-MODIFIED:20260201T000000Z")))
    (task,) = await ebb.tasks()
    await ebb.call("PATCH", f"/v1/tasks/{task['id']}", {"title": "mine"})
    older = ics("UID:a\r\nSUMMARY:theirs\r\nLAST-MODIFIED:20260202T000000Z")
    report = await take(ebb, older)
    assert [(0, "a")] == [(note["index"], note["uid"]) for note in report["rejected"]]
    assert "changed here later" in report["rejected"][0]["reason"]
    later = ics("UID:a\r\nSUMMARY:theirs\r\nLAST-MODIFIED:20260303T000000Z")
    assert (0, 1, 0) == counts(await take(ebb, later))
    assert ["theirs"] == [task["title"] for task in await ebb.tasks()]


async def test_what_was_deleted_here_comes_back_with_its_file(ebb: Ebb) -> None:
    body = ics(todo("a"))
    await take(ebb, body)
    (task,) = await ebb.tasks()
    await ebb.call("DELETE", f"/v1/tasks/{task['id']}")
    assert (1, 0, 0) == counts(await take(ebb, body))
    assert (0, 0, 1) == counts(await take(ebb, body))
    assert 1 == len(await ebb.tasks())


async def test_what_is_wrong_with_one_task_leaves_no_trace_of_it_and_takes_the_others(ebb: Ebb) -> None:
    many = "CATEGORIES:" + ",".join(f"t{n}" for n in range(51))
    report = await take(ebb, ics(todo("a"), todo("b", many), todo("c")))
    assert (2, 0, 0) == counts(report)
    assert [(1, "b")] == [(note["index"], note["uid"]) for note in report["rejected"]]
    assert 0 == (await everything(ebb))["tags"]


async def test_an_export_imported_again_changes_nothing(ebb: Ebb) -> None:
    await ebb.live_in("Europe/Berlin")
    await make_some(ebb)
    before, body = await everything(ebb), await export(ebb)
    report = await take(ebb, body)
    assert ((0, 0, 6), [], []) == (counts(report), report["rejected"], report["warnings"])
    assert before == await everything(ebb)


async def test_an_export_means_the_same_to_another_user(ebb: Ebb) -> None:
    for user in ("alice", "bob"):
        await ebb.token(user)
        await ebb.sql("UPDATE users SET time_zone = 'Europe/Berlin' WHERE id = %s", user)
    await make_some(ebb)
    body = await export(ebb)
    assert (6, 0, 0) == counts(await take(ebb, body, user="bob"))
    assert content(body) == content(await export(ebb, user="bob"))
    mine, theirs = await ebb.tasks("?sort=title"), await ebb.tasks("?sort=title", user="bob")
    for one, other in zip(mine, theirs, strict=True):
        for name in ("title", "notes", "priority", "tags", "due", "status", "created_at"):
            assert one[name] == other[name]
        assert [r["fire_at"] for r in one["reminders"]] == [r["fire_at"] for r in other["reminders"]]


def content(body: bytes) -> list[bytes]:
    """Return the lines without those that every export or every copy has of its own."""
    return [line for line in body.splitlines() if not line.startswith((b"DTSTAMP", b"LAST-MODIFIED", b"SEQUENCE"))]


async def make_some(ebb: Ebb) -> None:
    await ebb.create(text="Pay rent every month on the last day at 9 !high #home")
    await ebb.create(title="Plain; with, signs\\", notes="Zwei\nZeilen — ü", tags=["a,b", "c"])
    await ebb.create(title="All day", due={"date": "2026-03-29"}, reminders=[{"minutes_before": 60}])
    await ebb.create(
        title="Zoned", due={"date": "2026-03-05", "time": "09:00", "time_zone": "America/New_York"},
        reminders=[{"minutes_before": 15}, {"at": "2026-03-04T08:00:00Z"}],
    )  # fmt: skip
    task = await ebb.create(
        title="Thrice", due={"date": "2026-03-04", "time": "07:30"}, recurrence={"rule": "FREQ=DAILY;COUNT=3"}
    )
    await ebb.call("POST", f"/v1/tasks/{task['id']}/complete", {"completed_at": "2026-03-02T11:00:00.5Z"})
    await ebb.settle()
    current = next(t for t in await ebb.tasks("?status=open") if t["title"] == "Thrice")
    await ebb.call("PATCH", f"/v1/tasks/{current['id']}", {"due": {"date": "2026-03-06"}})


async def test_a_foreign_property_goes_out_again(ebb: Ebb) -> None:
    await take(ebb, ics(todo("a", "X-APPLE-SORT-ORDER:7", "RELATED-TO:b", "LOCATION:Hall\\, left")))
    body = await export(ebb)
    assert b"UID:a\r\n" in body
    for line in (b"X-APPLE-SORT-ORDER:7", b"RELATED-TO:b", b"LOCATION:Hall\\, left"):
        assert line in body


async def test_the_same_key_gives_the_first_answer(ebb: Ebb) -> None:
    body = ics(todo("a"))
    first = await take(ebb, body, idempotency_key="k")
    assert first == await take(ebb, body, idempotency_key="k")
    other = await ebb.call("POST", "/v1/import?format=ics", ics(todo("b")), idempotency_key="k")
    assert 422 == other.status_code


async def test_a_body_of_no_known_kind_or_no_calendar_is_refused(ebb: Ebb) -> None:
    for path, kind in (("/v1/import", "text/plain"), ("/v1/import?format=doc", "text/calendar")):
        assert 422 == (await ebb.call("POST", path, ics(todo("a")), content_type=kind)).status_code
    for body in (b"", b"hello", b"\x00\xff"):
        assert 422 == (await ebb.call("POST", "/v1/import", body, content_type="text/calendar")).status_code
    assert 200 == (await ebb.call("POST", "/v1/import", ics(), content_type="text/calendar; charset=utf-8")).status_code


async def test_a_file_may_be_larger_than_other_bodies_but_not_without_end(ebb: Ebb) -> None:
    note = "DESCRIPTION:" + "x" * 40_000
    assert 30 == (await take(ebb, ics(*(todo(f"u{n}", note) for n in range(30)))))["created"]
    too_large = await ebb.call("POST", "/v1/import?format=ics", b"x" * (8 * 1_048_576 + 1))
    assert 413 == too_large.status_code


async def test_who_may_only_read_imports_nothing(ebb: Ebb) -> None:
    token = await ebb.token("alice", ("read",))
    answer = await ebb.call("POST", "/v1/import?format=ics", ics(todo("a")), authorization=f"Bearer {token}")
    assert 403 == answer.status_code


async def test_ebb_s_own_file_imported_again_changes_nothing(ebb: Ebb) -> None:
    await make_some(ebb)
    before, body = await everything(ebb), await export(ebb, "json")
    report = await take(ebb, body, "json")
    assert ((0, 0, 6), [], []) == (counts(report), report["rejected"], report["warnings"])
    assert before == await everything(ebb)


async def test_ebb_s_own_file_is_complete(ebb: Ebb) -> None:
    await make_some(ebb)
    await ebb.token("bob")
    body = await export(ebb, "json")
    assert (6, 0, 0) == counts(await take(ebb, body, "json", user="bob"))
    assert (0, 0, 6) == counts(await take(ebb, body, "json", user="bob"))
    assert told(body) == told(await export(ebb, "json", user="bob"))
    thrice = [t for t in await ebb.tasks("?status=open", user="bob") if t["title"] == "Thrice"]
    await ebb.call("POST", f"/v1/tasks/{thrice[0]['id']}/complete", user="bob")
    await ebb.settle()
    done = [t["occurrence"] for t in await ebb.tasks("?sort=due", user="bob") if t["title"] == "Thrice"]
    assert ["2026-03-04T07:30:00", "2026-03-05T07:30:00", "2026-03-06T07:30:00"] == sorted(done)


def told(body: bytes) -> dict[str, Any]:
    """Return what a file says, without the ids and versions that each copy has of its own."""
    whole = json.loads(body)
    for task in whole["tasks"]:
        for name in ("id", "version", "updated_at", "extra"):
            del task[name]
        if task["series"]:
            del task["series"]["id"]
        for reminder in task["reminders"]:
            del reminder["id"]
    return dict(whole)


async def test_ebb_s_own_file_brings_back_what_was_deleted(ebb: Ebb) -> None:
    await make_some(ebb)
    body = await export(ebb, "json")
    for task in await ebb.tasks():
        await ebb.call("DELETE", f"/v1/tasks/{task['id']}?scope=all")
    assert (6, 0, 0) == counts(await take(ebb, body, "json"))
    assert (0, 0, 6) == counts(await take(ebb, body, "json"))
    titles = [task["title"] for task in await ebb.tasks()]
    assert sorted([task["title"] for task in json.loads(body)["tasks"]]) == sorted(titles)


async def test_a_damaged_part_of_a_json_file_is_named(ebb: Ebb) -> None:
    tasks = [{"uid": "a", "title": "x"}, {"uid": "b"}, 7, {"uid": "a", "title": "y"}, {"title": "no uid"}]
    report = await take(ebb, json.dumps({"tasks": tasks}).encode(), "json")
    assert 1 == report["created"]
    assert [(1, "b"), (2, None), (3, "a"), (4, None)] == [(n["index"], n["uid"]) for n in report["rejected"]]
    for body in (b"{", b"[]", b'{"tasks": [], "version": 2}', b'{"tasks": {}}', b"[" * 100_000):
        assert 422 == (await ebb.call("POST", "/v1/import?format=json", body)).status_code


async def test_todoist_s_file_comes_in_once_and_our_own_goes_out_in_its_columns(ebb: Ebb) -> None:
    body = (
        b"TYPE,CONTENT,PRIORITY,INDENT,DATE,DATE_LANG\ntask,Pay @home,1,1,every monday at 9,en\ntask,Buy,2,1,today,en\n"
    )
    assert (2, 0, 0) == counts(await take(ebb, body, "csv"))
    ebb.clock.pass_by(days=3)
    assert (0, 0, 2) == counts(await take(ebb, body, "csv"))
    out = await export(ebb, "csv")
    assert (0, 0, 2) == counts(await take(ebb, out, "csv"))
    await ebb.token("bob")
    assert (2, 0, 0) == counts(await take(ebb, out, "csv", user="bob"))
    mine, theirs = await ebb.tasks("?sort=title"), await ebb.tasks("?sort=title", user="bob")
    for one, other in zip(mine, theirs, strict=True):
        for name in ("title", "priority", "tags", "due"):
            assert one[name] == other[name]
        assert (one["series"] or {}).get("rule") == (other["series"] or {}).get("rule")
