"""Whatever Alice did: her file makes the same of Bob's empty account, his file says the same, and it comes in once."""

import datetime as dt
import json
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from shared.ical_read import read_ical
from shared.reminder import Owner
from shared.storable import storable
from tests.functions.test_import_tasks import counts, export, take
from tests.harness import Ebb

ZONE = "Europe/Berlin"
# A story takes half a second, so none is made shorter: that would take many minutes.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
TEXT = st.text(max_size=40).filter(storable)
TITLES = st.one_of(
    st.sampled_from(["Milk", "a;b,c\\n", "é\u2028ü", "=1+1", "\x01"]), TEXT.filter(lambda text: text.strip())
)
DATES = st.dates(min_value=dt.date(2026, 2, 1), max_value=dt.date(2027, 3, 1))
TIMES = st.times().map(lambda time: time.replace(microsecond=0).isoformat())
DUES = st.one_of(
    st.builds(lambda day: {"date": day.isoformat()}, DATES),
    st.builds(lambda day, time: {"date": day.isoformat(), "time": time}, DATES, TIMES),
    st.builds(
        lambda day, time, zone: {"date": day.isoformat(), "time": time, "time_zone": zone},
        DATES, TIMES, st.sampled_from(["UTC", ZONE, "America/New_York", "Asia/Kolkata", "Pacific/Apia"]),
    ),
)  # fmt: skip
BEFORE = st.builds(lambda minutes: {"minutes_before": minutes}, st.integers(0, 20_000))
AT = st.builds(
    lambda at: {"at": f"{at.replace(microsecond=0).isoformat()}Z"},
    st.datetimes(*(dt.datetime(year, 1, 1) for year in (2026, 2027))),  # noqa: DTZ001  (Z is put behind them)
)
TAGS = st.lists(st.sampled_from(["home", "Home", "a,b", "Straße", "STRASSE", "x" * 100, "work", "\x01"]), max_size=4)
FIELDS = st.fixed_dictionaries(
    {"title": TITLES},
    optional={
        "notes": TEXT, "priority": st.sampled_from(["low", "medium", "high", "urgent"]), "tags": TAGS,
    },
)  # fmt: skip
RULES = st.sampled_from([
    "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,WE,FR", "FREQ=MONTHLY;BYMONTHDAY=31;SKIP=BACKWARD", "FREQ=DAILY;COUNT=4",
    "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=YEARLY", "FREQ=DAILY;INTERVAL=3;UNTIL=20260901", "FREQ=WEEKLY;COUNT=2",
])  # fmt: skip
SERIES = st.fixed_dictionaries(
    {"rule": RULES}, optional={"mode": st.just("after_completion"), "skip_overdue": st.booleans()}
)
PLAIN = st.builds(lambda fields, at: {**fields, "reminders": at}, FIELDS, st.lists(AT, max_size=2))
DUE = st.builds(
    lambda fields, due, reminders: {**fields, "due": due, "reminders": reminders},
    FIELDS, DUES, st.lists(st.one_of(BEFORE, AT), max_size=3),
)  # fmt: skip
REPEATED = st.builds(
    lambda fields, due, reminders, rule: {**fields, "due": due, "reminders": reminders, "recurrence": rule},
    FIELDS, DUES, st.lists(BEFORE, max_size=2), SERIES,
)  # fmt: skip
# What is done to one of the tasks, whichever it is by now.
DONE = st.sampled_from([
    ("POST", "complete", None), ("POST", "complete", {"completed_at": "2026-02-20T08:00:00Z"}), ("POST", "skip", None),
    ("POST", "reopen", None), ("POST", "snooze", {"minutes": 90}), ("DELETE", "", None), ("DELETE", "?scope=all", None),
    ("PATCH", "", {"title": "moved", "due": {"date": "2026-05-05"}}), ("PATCH", "?scope=all", {"title": "all"}),
    ("PATCH", "?scope=future", {"notes": "from now on", "tags": ["late"]}), ("POST", "pause", None),
    ("POST", "resume", None), ("SERIES", "exdates", None),
])  # fmt: skip
STORY = st.tuples(
    st.lists(st.one_of(PLAIN, DUE, REPEATED), min_size=1, max_size=5),
    st.lists(st.tuples(st.integers(0, 9), DONE), max_size=10),
)


async def live(ebb: Ebb, user: str, story: Any) -> None:
    """Do it as a user; what makes no sense for a task is refused and changes nothing."""
    wanted, done = story
    for fields in wanted:
        assert (await ebb.call("POST", "/v1/tasks", fields, user=user)).status_code in (201, 422)
    for number, (method, what, body) in done:
        tasks = await ebb.tasks("?sort=created_at", user=user)
        if not tasks:
            break
        task = tasks[number % len(tasks)]
        series = f"/v1/series/{task['series']['id']}" if task["series"] else "/v1/series"
        if what in ("pause", "resume"):
            await ebb.call("POST", f"{series}/{what}", user=user)
        elif method == "SERIES":
            dates = {"recurrence": {"exdates": ["2026-04-06T00:00:00", "2026-04-07T09:00:00"]}}
            await ebb.call("PATCH", series, dates, user=user)
        else:
            between = "" if what.startswith("?") or not what else "/"
            await ebb.call(method, f"/v1/tasks/{task['id']}{between}{what}", body, user=user)
        ebb.clock.pass_by(hours=7)
        await ebb.settle()
    await ebb.call("POST", "/v1/tags", {"name": "unused", "colour": "#00aa55"}, user=user)
    await ebb.call("POST", "/v1/filters", {"name": "Soon", "query": {"tag": "home", "sort": "due"}}, user=user)
    await ebb.settle()


async def go_on(ebb: Ebb, user: str) -> None:
    """Resume and complete everything, twice."""
    for series in (await ebb.call("GET", "/v1/series", user=user)).json()["series"]:
        await ebb.call("POST", f"/v1/series/{series['id']}/resume", user=user)
    for _ in range(2):
        await ebb.settle()
        for task in await ebb.tasks("?status=open&sort=created_at", user=user):
            assert 200 == (await ebb.call("POST", f"/v1/tasks/{task['id']}/complete", user=user)).status_code
    await ebb.settle()


async def two_users(ebb: Ebb) -> tuple[str, str]:
    """Return two users without anything."""
    number = (await ebb.sql("SELECT count(*) FROM users"))[0][0]
    users = f"alice-{number}", f"bob-{number}"
    for user in users:
        await ebb.token(user)
        await ebb.sql("UPDATE users SET time_zone = %s WHERE id = %s", ZONE, user)
    return users


async def everything(ebb: Ebb) -> dict[str, int]:
    rows = await ebb.row_counts()
    return {name: count for name, count in rows.items() if name not in ("inbox", "idempotency_keys")}


def told(body: bytes, now: str) -> dict[str, Any]:
    """Return what a file says, without what each copy has of its own."""
    whole = json.loads(body)
    for task in whole["tasks"]:
        for name in ("id", "version", "updated_at"):
            del task[name]
        if task["series"]:
            del task["series"]["id"]
        for reminder in task["reminders"]:
            del reminder["id"]
            if reminder["fire_at"] <= now:  # whether it rang is history; it rings nowhere
                del reminder["state"]
    for name in ("tasks", "series"):
        whole[name].sort(key=lambda one: json.dumps(one, sort_keys=True))
    return {name: whole[name] for name in ("tags", "filters", "series", "tasks")}


def going_on(body: bytes, now: str) -> dict[str, Any]:
    """Return what a file says of tasks that were made here and there, each with a UID of its own.

    After completion a date of which Alice deleted the occurrence may come again for Bob, and for her after 30 days,
    when the tombstone is purged.
    """
    whole = told(body, now)
    whole["tasks"] = [t for t in whole["tasks"] if not t["series"] or t["series"]["mode"] == "scheduled"]
    whole["series"] = [one for one in whole["series"] if one["recurrence"]["mode"] == "scheduled"]
    for task in whole["tasks"]:
        del task["uid"]
    return whole


def assert_same(one: dict[str, list[Any]], other: dict[str, list[Any]]) -> None:
    """Name what stands in only one of two files."""
    pairs = (("the first", one, other), ("the second", other, one))
    odd = [
        (which, value)
        for which, here, there in pairs
        for name in here
        for value in here[name]
        if value not in there[name]
    ]
    assert [] == odd, json.dumps(odd)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
@given(STORY)
async def test_ebb_s_own_file_says_everything(ebb: Ebb, story: Any) -> None:
    alice, bob = await two_users(ebb)
    await live(ebb, alice, story)
    now = ebb.clock.now().isoformat().replace("+00:00", "Z")
    body = await export(ebb, "json", alice)
    first = await take(ebb, body, "json", user=bob)
    assert ([], []) == (first["rejected"], first["warnings"])
    await ebb.settle()
    assert_same(told(body, now), told(await export(ebb, "json", bob), now))
    before = await everything(ebb)
    for user in (alice, bob):
        assert (0, 0, first["created"]) == counts(await take(ebb, body, "json", user=user))
    assert before == await everything(ebb)
    for user in (alice, bob):
        await go_on(ebb, user)
    now = ebb.clock.now().isoformat().replace("+00:00", "Z")
    files = [going_on(await export(ebb, "json", user), now) for user in (alice, bob)]
    assert_same(*files)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
@given(STORY)
async def test_icalendar_says_what_it_can_hold(ebb: Ebb, story: Any) -> None:
    alice, bob = await two_users(ebb)
    await live(ebb, alice, story)
    body = await export(ebb, "ics", alice)
    first = await take(ebb, body, user=bob)
    assert [] == first["rejected"]
    await ebb.settle()
    assert meant(body) == meant(await export(ebb, "ics", bob))
    before = await everything(ebb)
    for user in (alice, bob):
        assert (0, 0, first["created"]) == counts(await take(ebb, body, user=user))
    assert before == await everything(ebb)


def meant(body: bytes) -> dict[str, bytes]:
    return {task.uid: task.fingerprint for task in read_ical(body, Owner("alice", ZONE)).tasks}
