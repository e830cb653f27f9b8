"""Whatever happens to a series, in whatever order, however often its events come: what closed has one successor.

Commands of one user run one after another (decision 1), so an interleaving is an order of transactions. The first test
goes through every order of two commands with a delivery of what is there, or with a sweep; the second lets commands and
deliveries meet at the same moment; the third draws long stories.
"""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.embedded.filters import attributes_of
from tests.harness import WIRING, Ebb

COUNT = 4
(WANTED,) = (trigger for trigger in WIRING.triggers if trigger.function == "spawn-recurrence")
Command = Callable[["Story"], Awaitable[None]]


class Story:
    """One user's series, and what is done to it. Every event can be delivered again at any time."""

    def __init__(self, ebb: Ebb, user: str, task: dict[str, Any]) -> None:
        self.ebb, self.user, self.series_id = ebb, user, task["series"]["id"]
        self.known: str = task["id"]
        self.events: list[dict[str, Any]] = []
        self.reopened = 0

    async def call(self, method: str, path: str, body: object = None) -> int:
        """Send a command; what is gone or ended may refuse it."""
        status = (await self.ebb.call(method, f"/v1/{path}", body, user=self.user)).status_code
        assert status in (200, 204, 404, 422), f"{method} {path}: {status}"
        return status

    async def newest(self) -> str:
        """Return the newest task that is not deleted; the last one known when there is none."""
        found = await self.ebb.sql(
            "SELECT id FROM tasks WHERE user_id = %s AND deleted_at IS NULL ORDER BY status = 'open', created_at, id",
            self.user,
        )
        self.known = str(found[-1][0]) if found else self.known
        return self.known

    async def published(self) -> list[dict[str, Any]]:
        """Return what spawn-recurrence has not been given yet."""
        await self.ebb.parts.relay.drain()
        fresh = [event for event in self.ebb.dapr.events if WANTED.wants(attributes_of(event))]
        self.events += fresh
        self.ebb.dapr.events = []
        return fresh

    async def deliver(self) -> None:
        """Deliver what is there, the newest first."""
        for event in reversed(await self.published()):
            assert 204 == (await self.ebb.deliver("spawn-recurrence", event)).status_code

    async def sweep(self) -> None:
        """Let sweep find what is owed for longer than its patience."""
        self.ebb.clock.pass_by(seconds=30)
        assert 204 == (await self.ebb.tick("sweep")).status_code

    async def settle(self) -> None:
        """Let everything have its effects, and then come again, as a broker may do."""
        await self.deliver()
        await self.sweep()
        for event in reversed(self.events):
            assert 204 == (await self.ebb.deliver("spawn-recurrence", event)).status_code
        await self.deliver()


async def begun(ebb: Ebb, user: str) -> Story:
    recurrence = {"rule": f"FREQ=DAILY;COUNT={COUNT}"}
    return Story(ebb, user, await ebb.create(user=user, title="a", due={"date": "2026-03-02"}, recurrence=recurrence))


def to_task(method: str, rest: str = "", body: object = None) -> Command:
    async def command(story: Story) -> None:
        await story.call(method, f"tasks/{await story.newest()}{rest}", body)

    return command


def to_series(method: str, rest: str = "", body: object = None) -> Command:
    async def command(story: Story) -> None:
        await story.call(method, f"series/{story.series_id}{rest}", body)

    return command


async def reopen(story: Story) -> None:
    found = await story.ebb.sql(
        "SELECT id FROM tasks WHERE user_id = %s AND status <> 'open' AND deleted_at IS NULL ORDER BY ordinal DESC",
        story.user,
    )
    if found and await story.call("POST", f"tasks/{found[0][0]}/reopen") == 200:
        story.reopened += 1


WEEKLY = {"recurrence": {"rule": f"FREQ=WEEKLY;COUNT={COUNT}"}}
COMMANDS: dict[str, Command] = {
    "complete": to_task("POST", "/complete"),
    "skip": to_task("POST", "/skip"),
    "delete this": to_task("DELETE"),
    "delete future": to_task("DELETE", "?scope=future"),
    "edit this": to_task("PATCH", "", {"title": "b"}),
    "edit future": to_task("PATCH", "?scope=future", WEEKLY),
    "edit all": to_task("PATCH", "?scope=all", WEEKLY),
    "move all": to_task("PATCH", "?scope=all", {"due": {"date": "2026-03-20"}}),
    "patch series": to_series("PATCH", "", WEEKLY),
    "exclude": to_series("PATCH", "", {"recurrence": {"exdates": ["2026-03-03T00:00:00"]}}),
    "pause": to_series("POST", "/pause"),
    "resume": to_series("POST", "/resume"),
    "delete series": to_series("DELETE"),
}
STEPS: dict[str, Command] = COMMANDS | {"reopen": reopen, "deliver": Story.deliver, "sweep": Story.sweep}


async def check(story: Story) -> None:
    """Hold every series of the user to what is always true once all is settled."""
    rows = await story.ebb.sql(
        """SELECT s.is_active, s.ended_at IS NULL AND s.deleted_at IS NULL, s.last_ordinal,
             array_remove(array_agg(t.ordinal ORDER BY t.ordinal), NULL),
             count(*) FILTER (WHERE t.status = 'open' AND t.deleted_at IS NULL),
             count(*) FILTER (WHERE t.awaits_successor)
           FROM series s LEFT JOIN tasks t ON t.series_id = s.id WHERE s.user_id = %s GROUP BY s.id""",
        story.user,
    )
    for is_active, lives, last_ordinal, ordinals, opened, owed in rows:
        assert last_ordinal <= COUNT
        assert opened <= 1 + story.reopened, "one open occurrence, but for what a user opened again"
        if lives:
            assert list(range(1, last_ordinal + 1)) == ordinals, "ordinals have no gaps"
        if lives and is_active:
            assert (opened >= 1, owed) == (True, 0), "a series that goes on has an open occurrence"
        elif lives:
            assert opened + owed >= 1, "a paused one keeps what it has or owes"
        else:
            assert owed == 0, "one that has ended owes nothing"


RACES = [
    ("complete", "complete"), ("complete", "skip"), ("complete", "pause"), ("complete", "edit future"),
    ("complete", "edit all"), ("complete", "patch series"), ("complete", "exclude"), ("skip", "delete this"),
    ("delete this", "delete future"), ("complete", "delete series"), ("edit future", "pause"),
]  # fmt: skip


@pytest.mark.parametrize("pair", RACES, ids=" | ".join)
async def test_every_order_of_two_commands_with_a_delivery_or_a_sweep(ebb: Ebb, pair: tuple[str, str]) -> None:
    orders = itertools.chain.from_iterable(itertools.permutations((*pair, way)) for way in ("deliver", "sweep"))
    for number, order in enumerate(orders):
        story = await begun(ebb, f"user-{number}")
        for step in order:
            await STEPS[step](story)
        await story.settle()
        await check(story)


@pytest.mark.parametrize("pair", [*RACES, ("resume", "sweep"), ("deliver", "sweep")], ids=" | ".join)
async def test_commands_and_deliveries_at_the_same_moment(ebb: Ebb, pair: tuple[str, str]) -> None:
    for number in range(3):
        story = await begun(ebb, f"user-{number}")
        for step in ("complete", "deliver") + (("pause", "complete") if "resume" in pair else ("complete",)):
            await STEPS[step](story)
        again = [ebb.deliver("spawn-recurrence", event) for event in await story.published()]
        await asyncio.gather(*(STEPS[step](story) for step in pair), *again)
        await story.settle()
        await check(story)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(sorted(STEPS)), min_size=3, max_size=12))
async def test_any_story(ebb: Ebb, steps: list[str]) -> None:
    story = await begun(ebb, f"user-{await number_of_users(ebb)}")
    for step in steps:
        await STEPS[step](story)
    await story.settle()
    await check(story)


async def number_of_users(ebb: Ebb) -> int:
    return int((await ebb.sql("SELECT count(*) FROM users"))[0][0])
