"""The system in one process: real functions, manifests and database; the clock stands still, the sidecar remembers."""

import datetime as dt
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx

from shared import runtime
from shared.bootstrap import FUNCTIONS, function_app
from shared.dapr import Dapr, Entry
from shared.edge import Edge
from shared.embedded import manifests
from shared.embedded.filters import attributes_of
from shared.embedded.routes import Router
from shared.errors import BackendAway
from shared.identity import new_token
from shared.outputs import Reply
from shared.runtime import Runtime
from shared.settings import Settings
from shared.tables import User
from shared.unit_of_work import new_id

NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)  # a Monday
CHANNELS = {
    "EMAIL_BINDING": "smtp",
    "VAPID_PRIVATE_KEY": "N8tKhlsMzFmNwbzJwtvNKGyMYd9HJ_T6-G6JsGcpTp4",
    "VAPID_SUBJECT": "mailto:operator@example.org",
    "WEBHOOK_ALLOW_PRIVATE": "true",
}
WIRING = manifests.load(FUNCTIONS.parent)


class StillClock:
    """Stands still until it is moved; whoever waits for an instant moves it there."""

    def __init__(self, now: dt.datetime = NOON) -> None:
        self.instant = now

    def now(self) -> dt.datetime:
        """Return the instant it stands at."""
        return self.instant

    async def wait_until(self, instant: dt.datetime) -> None:
        """Move to the instant."""
        self.instant = max(self.instant, instant)

    def pass_by(self, **duration: float) -> None:
        """Move on."""
        self.instant += dt.timedelta(**duration)


class FakeDapr(Dapr):
    """A sidecar that remembers what it was told; `away` makes it unreachable, `deaf` only for what goes out."""

    def __init__(self, settings: Settings, clock: StillClock) -> None:
        super().__init__(settings, clock)
        self.events: list[dict[str, Any]] = []
        self.scheduled: dict[str, tuple[dt.datetime, dict[str, Any]]] = {}
        self.away = False
        self.deaf = False
        self.put_out: list[tuple[str, Any, Mapping[str, str]]] = []
        self.replies: dict[str, Reply] = {}
        self.archive: dict[str, str] = {}  # objects of the binding `archive`, as base64

    async def publish(self, topic: str, entries: Sequence[Entry]) -> set[int]:  # noqa: ARG002
        """Take all entries of any topic."""
        self._check()
        self.events += [entry.event for entry in entries]
        return set()

    async def schedule(self, name: str, due: dt.datetime, data: dict[str, Any]) -> None:
        """Set a job."""
        self._check()
        self.scheduled[name] = (due, data)

    async def cancel(self, name: str) -> None:
        """Forget a job."""
        self._check()
        self.scheduled.pop(name, None)

    async def bind(
        self, binding: str, operation: str, data: Any, metadata: Mapping[str, str], most: int = 65_536
    ) -> Reply:
        """Take what goes out through a binding, and answer as `replies` says; the archive keeps its objects."""
        answer = self._answer(binding, data, metadata)
        if binding != "archive" or binding in self.replies:
            return answer
        if operation == "create":
            self.archive[metadata["key"]] = data
            return Reply(200)
        found = self.archive.get(metadata["key"])
        return Reply(200, {}, found.encode()[:most]) if found else Reply(500, {}, b"object not found")

    async def invoke(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Take what goes out to a URL, and answer as `replies` says."""
        return self._answer(url, body, headers)

    def _answer(self, where: str, what: Any, headers: Mapping[str, str]) -> Reply:
        if self.deaf:
            raise BackendAway("the sidecar is away")
        self.put_out.append((where, what, headers))
        return self.replies.get(where, Reply(200, {}, b""))

    def _check(self) -> None:
        if self.away:
            raise BackendAway("the sidecar is away")


class Functions(Mapping[str, Edge]):
    """The functions by name. Each is loaded when it is first used: a test needs few, and all of them take 20 ms."""

    def __init__(self, parts: Runtime) -> None:
        self._parts = parts
        self._targets = {path.parent.name.replace("_", "-"): path.parent.name for path in FUNCTIONS.glob("*/main.py")}
        self._loaded: dict[str, Edge] = {}

    def __getitem__(self, name: str) -> Edge:
        """Return the app of a function."""
        if name not in self._loaded:
            self._loaded[name] = function_app(self._targets[name], self._parts)
        return self._loaded[name]

    def __contains__(self, name: object) -> bool:
        """Tell whether there is such a function, without loading it."""
        return name in self._targets

    def __iter__(self) -> Iterator[str]:
        """Yield the names."""
        return iter(self._targets)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._targets)


class Ebb:
    """A running system. `call` speaks HTTP as a user; `settle` lets all events have their effects."""

    def __init__(self, database_url: str, **settings: str) -> None:
        self.clock = StillClock()
        # Where the clock stands still no bucket fills up.
        unlimited = {"RATE_LIMIT_PER_SECOND": "0"}
        parts = {"DATABASE_URL": database_url, "DAPR_HTTP_ENDPOINT": "http://sidecar.invalid"}
        environment = {**parts, **CHANNELS, **unlimited, **settings}
        self.parts = Runtime(Settings.from_environment(environment), self.clock)
        self.dapr = self.parts.__dict__["dapr"] = FakeDapr(self.parts.settings, self.clock)
        runtime.use(self.parts)
        self.functions = Functions(self.parts)
        self._http = httpx.AsyncClient(
            transport=httpx.ASGITransport(Router(WIRING.routes, self.functions)), base_url="http://ebb"
        )
        self._tokens: dict[str, str] = {}

    async def call(
        self, method: str, path: str, body: object = None, *, user: str = "alice", **headers: str
    ) -> httpx.Response:
        """Send a request as a user (`""` for nobody); header names are written with underscores."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if user:
            sent.setdefault("authorization", f"Bearer {await self.token(user)}")
        content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        return await self._http.request(method, path, content=content, headers=sent)

    async def create(self, *, user: str = "alice", **fields: object) -> dict[str, Any]:
        """Create a task and return it."""
        answer = await self.call("POST", "/v1/tasks", fields, user=user)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def tasks(self, query: str = "", *, user: str = "alice") -> list[dict[str, Any]]:
        """Return the first page of a list."""
        answer = await self.call("GET", f"/v1/tasks{query}", user=user)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["tasks"])

    async def audit(self, query: str = "", *, user: str = "alice") -> list[dict[str, Any]]:
        """Return the first page of the audit log, newest first."""
        return list((await self.call("GET", f"/v1/audit{query}", user=user)).json()["entries"])

    async def token(self, user: str, scopes: Sequence[str] = ("read", "write")) -> str:
        """Return a personal access token of a user."""
        name = f"{user} {' '.join(scopes)}"
        if name not in self._tokens:
            self._tokens[name], hashed = new_token()
            await self.sql("INSERT INTO users (id) VALUES (%s) ON CONFLICT DO NOTHING", user)
            await self.sql(
                "INSERT INTO tokens (id, user_id, name, hash, scopes, created_at) VALUES (%s, %s, 'test', %s, %s, %s)",
                new_id(), user, hashed, list(scopes), self.clock.now(),
            )  # fmt: skip
        return self._tokens[name]

    async def deliver(self, function: str, event: dict[str, Any]) -> httpx.Response:
        """Deliver one event to one function as a Broker does (structured mode)."""
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.functions[function])) as client:
            return await client.post(
                "http://function/",
                content=json.dumps(event).encode(),
                headers={"content-type": "application/cloudevents+json"},
            )

    async def settle(self, *, times: int = 1, shuffle: random.Random | None = None) -> list[dict[str, Any]]:
        """Publish and deliver until nothing moves, each event `times` times; return the events."""
        seen: list[dict[str, Any]] = []
        while True:
            await self.parts.relay.drain()
            fresh, self.dapr.events = self.dapr.events, []
            if not fresh:
                return seen
            seen += fresh
            deliveries = [
                (trigger.function, event)
                for event in fresh
                for trigger in WIRING.triggers
                if trigger.wants(attributes_of(event))
            ] * times
            if shuffle:
                shuffle.shuffle(deliveries)
            for function, event in deliveries:
                answer = await self.deliver(function, event)
                assert (answer.status_code, answer.content) == (204, b""), (function, answer.text)

    async def ring(self) -> int:
        """Deliver every job that is due, as Dapr does; return how many."""
        due = {name: data for name, (at, data) in self.dapr.scheduled.items() if at <= self.clock.now()}
        for name, data in due.items():
            async with httpx.AsyncClient(transport=httpx.ASGITransport(self.functions["fire-reminder"])) as client:
                answer = await client.post(f"http://fire-reminder/job/{name}", json=data)
            assert answer.status_code == 204, answer.text
            del self.dapr.scheduled[name]
        return len(due)

    async def tick(self, function: str) -> httpx.Response:
        """Tick a function as its PingSource does."""
        return await self.deliver(function, {
            "specversion": "1.0", "id": str(new_id()), "type": "dev.knative.sources.ping", "source": "/ticks",
        })  # fmt: skip

    async def sql(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Run a statement in a transaction of its own and return its rows."""
        async with self.parts.database.connection() as connection:
            cursor = await connection.execute(statement, parameters)
            rows = await cursor.fetchall() if cursor.description else []
            await connection.commit()
            return list(rows)

    async def live_in(self, zone: str) -> None:
        """Set Alice's time zone."""
        await self.token("alice")
        await self.sql("UPDATE users SET time_zone = %s WHERE id = 'alice'", zone)

    async def row_counts(self) -> dict[str, int]:
        """Return how many rows each table has."""
        return {name: (await self.sql(f"SELECT count(*) FROM {name}"))[0][0] for name in User.metadata.tables}

    async def close(self) -> None:
        """Give everything back. A relay that waits for its sidecar waits no longer."""
        if self.parts.relay.soon.task is not None:
            self.parts.relay.soon.task.cancel()
        await self._http.aclose()
        await self.parts.close()
        runtime.use()
