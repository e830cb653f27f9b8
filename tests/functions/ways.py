"""Every way into the system from outside: method, path, what it takes, and a request that succeeds.

`tests/functions/test_every_way_is_known.py` finds the paths of the functions themselves, so that a new one is missed
there until it stands here; all tests of bad input go through this table.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from shared.audit_restore import Restore
from shared.batch import Batch
from shared.feeds import NewFeed
from shared.inputs import Completion, NewTask, Nothing, Replay, Snooze, TaskPatch
from shared.list_inputs import FilterPatch, NewFilter, NewTag, TagPatch
from shared.parse_inputs import PreviewInput, TextInput
from shared.preference_inputs import SettingsPatch
from shared.series_inputs import NewSeries, SeriesPatch
from shared.tokens import TokenInput
from tests.harness import Ebb

SOMETHING = "01999999-0000-7000-8000-000000000000"
SCOPES = ("read", "write", "admin")


@dataclass(frozen=True, eq=False)
class Way:
    """`{name}` in the path stands for the id of one of `THINGS`. Each of the bodies succeeds; all show all fields."""

    method: str
    path: str
    model: type[BaseModel] | None = None
    bodies: tuple[dict[str, Any], ...] = ()
    scope: str = "read"
    query: str = ""

    def __str__(self) -> str:
        """Return the name of the way in the report of a test."""
        return f"{self.method} {self.path}"

    @property
    def thing(self) -> str | None:
        """What the path needs the id of."""
        return self.path.partition("{")[2].partition("}")[0] or None

    def at(self, name: str = SOMETHING) -> str:
        """Return the path with an id, or something else in its place."""
        return self.path.replace(f"{{{self.thing}}}", name) + self.query


DUE = {"date": "2026-03-05", "time": "09:00", "time_zone": "Europe/Berlin", "at": "2026-03-05T08:00:00Z"}
REMINDER = {"minutes_before": 5, "id": SOMETHING, "fire_at": None, "state": "pending"}
REMINDERS = [REMINDER, {"at": "2026-03-05T07:00:00Z"}]
RULE = {"rule": "FREQ=DAILY", "mode": "scheduled", "skip_overdue": True, "exdates": ["2026-03-06T09:00:00"]}
PATTERN = {"pattern": {"frequency": "monthly", "interval": 1, "days_of_week": [], "day_of_month": 5, "month": None,
                       "end_date": "2027-03-05"}}  # fmt: skip
TASK = {"title": "Pay rent", "notes": "to Anna", "priority": "high", "tags": ["home"], "due": DUE,
        "reminders": REMINDERS}  # fmt: skip
TEMPLATE = {"title": "Water", "notes": "", "priority": "low", "tags": ["garden"], "reminders": [{"minutes_before": 5}]}
URL = "https://hook.example.org/x"
POINT = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
PUSH = {"endpoint": URL, "keys": {"p256dh": POINT, "auth": "BTBZMqHH6r4Tts7J_aSIgg"}, "expirationTime": None}
CHANNELS = {"email": {"address": "alice@example.org"}, "webhook": {"url": URL},
            "push": {"laptop": {"web_push": PUSH}, "phone": None}}  # fmt: skip
QUIET = {"from": "22:00", "until": "07:00"}
BATCH = [{"op": "create", "body": {"title": "a"}}]

_TASKS = (
    Way("GET", "/v1/tasks"),
    Way("POST", "/v1/tasks", NewTask, ({**TASK, "recurrence": RULE}, {**TASK, "recurrence": PATTERN}), "write"),
    Way("GET", "/v1/tasks/{task}"),
    Way("PATCH", "/v1/tasks/{task}", TaskPatch,
        ({**TASK, "recurrence": RULE}, {**TASK, "recurrence": PATTERN}), "write"),
    Way("DELETE", "/v1/tasks/{task}", Nothing, ({},), "write"),
    Way("POST", "/v1/tasks/{task}/complete", Completion, ({"completed_at": "2026-03-01T09:00:00Z"},), "write"),
    Way("POST", "/v1/tasks/{task}/reopen", Nothing, ({},), "write"),
    Way("POST", "/v1/tasks/{task}/skip", Nothing, ({},), "write"),
    Way("POST", "/v1/tasks/{task}/snooze", Snooze, ({"minutes": 5}, {"until": "2026-03-09T09:00:00Z"}), "write"),
    Way("POST", "/v1/tasks/{task}/restore", Nothing, ({},), "write"),
    Way("POST", "/v1/tasks/batch", Batch, ({"operations": BATCH, "atomic": True},), "write"),
    Way("POST", "/v1/parse", TextInput, ({"text": "Call Anna at 9"},)),
    Way("POST", "/v1/recurrences/preview", PreviewInput, ({"recurrence": RULE}, {"recurrence": PATTERN})),
)  # fmt: skip
_LISTS = (
    Way("GET", "/v1/series"),
    Way("POST", "/v1/series", NewSeries,
        ({"template": TEMPLATE, "recurrence": RULE, "start": "2026-03-05T09:00:00", "time_zone": "Europe/Berlin"},
         {"template": TEMPLATE, "recurrence": PATTERN}), "write"),
    Way("GET", "/v1/series/{series}"),
    Way("PATCH", "/v1/series/{series}", SeriesPatch,
        ({"template": TEMPLATE, "recurrence": RULE}, {"recurrence": PATTERN}), "write"),
    Way("DELETE", "/v1/series/{series}", Nothing, ({},), "write"),
    Way("POST", "/v1/series/{series}/pause", Nothing, ({},), "write"),
    Way("POST", "/v1/series/{series}/resume", Nothing, ({},), "write"),
    Way("GET", "/v1/series/{series}/occurrences"),
    Way("GET", "/v1/tags"),
    Way("POST", "/v1/tags", NewTag, ({"name": "work", "colour": "#aabbcc"},), "write"),
    Way("PATCH", "/v1/tags/{tag}", TagPatch, ({"name": "work", "colour": "#aabbcc"},), "write"),
    Way("DELETE", "/v1/tags/{tag}", Nothing, ({},), "write"),
    Way("GET", "/v1/filters"),
    Way("POST", "/v1/filters", NewFilter, ({"name": "mine", "query": {"status": ["open"]}},), "write"),
    Way("GET", "/v1/filters/{filter}"),
    Way("PATCH", "/v1/filters/{filter}", FilterPatch, ({"name": "mine", "query": {"status": ["open"]}},), "write"),
    Way("DELETE", "/v1/filters/{filter}", Nothing, ({},), "write"),
)  # fmt: skip
_ACCOUNT = (
    Way("GET", "/v1/audit"),
    Way("GET", "/v1/audit/export"),
    Way("GET", "/v1/settings"),
    Way("PATCH", "/v1/settings", SettingsPatch,
        ({"time_zone": "Europe/Berlin", "quiet_hours": QUIET, "channels": CHANNELS},), "write"),
    Way("GET", "/v1/notifications"),
    Way("GET", "/v1/notifications/{notification}"),
    Way("POST", "/v1/notifications/{notification}/read", Nothing, ({},), "write"),
    Way("GET", "/v1/changes"),
    Way("GET", "/v1/stream"),
    Way("GET", "/v1/tokens"),
    Way("POST", "/v1/tokens", TokenInput, ({"name": "laptop", "scopes": ["read"]},), "write"),
    Way("DELETE", "/v1/tokens/{token}", Nothing, ({},), "write"),
    Way("GET", "/v1/export"),
    # What it takes is a file; tests/functions/test_import_tasks.py breaks those.
    Way("POST", "/v1/import", scope="write", query="?format=json"),
    Way("GET", "/v1/feeds"),
    Way("POST", "/v1/feeds", NewFeed, ({"name": "phone"},), "write"),
    Way("DELETE", "/v1/feeds/{feed}", Nothing, ({},), "write"),
    Way("GET", "/v1/feed/{secret}", scope=""),
    Way("GET", "/v1/account/export"),
    Way("DELETE", "/v1/account", scope="write", query="?confirm=alice"),
    Way("GET", "/v1/admin/dead-letters", scope="admin"),
    Way("POST", "/v1/admin/dead-letters/replay", Replay, ({"function": "write-audit"},), "admin"),
    Way("POST", "/v1/admin/dead-letters/{letter}/replay", Nothing, ({},), "admin"),
    Way("POST", "/v1/admin/audit/restore", Restore,
        ({"user": "alice", "from": "2026-03-01T00:00:00Z", "to": "2026-03-02T00:00:00Z"},), "admin"),
)  # fmt: skip
WAYS = (*_TASKS, *_LISTS, *_ACCOUNT)
COMMANDS = [way for way in WAYS if way.model]


async def _made(ebb: Ebb, path: str, body: object) -> str:
    answer = await ebb.call("POST", path, body)
    assert answer.is_success, answer.text
    return str(answer.json()["id"])


async def _secret(ebb: Ebb) -> str:
    return str((await ebb.call("POST", "/v1/feeds", {"name": "phone"})).json()["path"]).removeprefix("/v1/feed/")


async def _notification(ebb: Ebb) -> str:
    await ebb.create(title="soon", reminders=[{"at": "2026-03-02T12:01:00Z"}])
    await ebb.settle()
    ebb.clock.pass_by(minutes=1)
    await ebb.ring()
    await ebb.settle()
    return str((await ebb.sql("SELECT id FROM notifications"))[0][0])


async def _letter(ebb: Ebb) -> str:
    await ebb.create(title="a")
    (event,) = await ebb.settle()
    await ebb.deliver("keep-dead-letter", {**event, "knativeerrordest": "http://write-audit.ebb.svc.cluster.local/"})
    return str((await ebb.sql("SELECT id FROM dead_letters"))[0][0])


THINGS: Mapping[str, Callable[[Ebb], Awaitable[str]]] = {
    "task": lambda ebb: _made(ebb, "/v1/tasks", {"title": "a", "due": DUE, "recurrence": RULE}),
    "series": lambda ebb: _made(ebb, "/v1/series", {"template": TEMPLATE, "recurrence": RULE}),
    "tag": lambda ebb: _made(ebb, "/v1/tags", {"name": "home"}),
    "filter": lambda ebb: _made(ebb, "/v1/filters", {"name": "all", "query": {}}),
    "feed": lambda ebb: _made(ebb, "/v1/feeds", {"name": "phone"}),
    "secret": _secret,
    "token": lambda ebb: _made(ebb, "/v1/tokens", {"name": "phone"}),
    "notification": _notification,
    "letter": _letter,
}


async def path_of(ebb: Ebb, way: Way) -> str:
    """Make what the path of a way needs, and return the path with its id."""
    path = way.at(await THINGS[way.thing](ebb)) if way.thing else way.at()
    await ebb.settle()  # otherwise the relay would go on in the background
    return path


async def all_scopes(ebb: Ebb, user: str = "alice") -> str:
    """Return an Authorization header with which every way is open."""
    return f"Bearer {await ebb.token(user, SCOPES)}"


async def contents(ebb: Ebb) -> dict[str, tuple[int, str]]:
    """Return, for each table, how many rows it has and a digest of all of them."""
    from sqlmodel import SQLModel

    each = (
        f"SELECT '{name}', count(*), coalesce(md5(string_agg(x::text, ' ' ORDER BY x::text)), '') FROM {name} x"
        for name in SQLModel.metadata.tables
    )
    return {name: (count, digest) for name, count, digest in await ebb.sql(" UNION ALL ".join(each))}
