"""One transaction: rows, outbox events and the user's next change numbers, all or nothing.

A command locks its user's row first. Commands of one user therefore run one after another: their change numbers have no
gap, their events stand in the outbox in the order of their commits, and no two of them can deadlock. Commands of
different users never wait for each other.
"""

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from types import TracebackType
from typing import Any, Self

import uuid_utils.compat
from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from shared import trace
from shared.envelope import Event, to_wire
from shared.errors import AccountClosed
from shared.events import SeriesPayload, TaskPayload
from shared.payload import Payload
from shared.reminder import Owner
from shared.runtime import Runtime
from shared.series import Series
from shared.series_rows import SeriesRows
from shared.series_view import series_differences
from shared.task import Task
from shared.task_rows import TaskRows
from shared.task_view import differences

LOCK_OWNER = """
SELECT state, change_seq, time_zone, locale, all_day_reminder_time, quiet_from, quiet_until
FROM users WHERE id = %s FOR UPDATE
"""
REOPEN = "UPDATE users SET state = 'active' WHERE id = %s"
ADD_OWNER = "INSERT INTO users (id) VALUES (%s) ON CONFLICT DO NOTHING"
SET_CHANGE_SEQ = "UPDATE users SET change_seq = %s WHERE id = %s"
ADD_TO_OUTBOX = "INSERT INTO outbox (topic, partition_key, event, created_at) VALUES (%s, %s, %s, %s)"
COMMIT = "COMMIT"
ACCEPT_EVENT = """
INSERT INTO inbox (function, event_id, received_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING RETURNING true
"""

new_id = uuid_utils.compat.uuid7


class UnitOfWork:
    """`async with UnitOfWork(runtime, source) as work:` rolls back unless `await work.commit()` was reached.

    `source` is that of the events (`/ebb/<function>`); it is also their actor where no user acts.
    """

    def __init__(self, runtime: Runtime, source: str) -> None:
        self._runtime = runtime
        self.source = source
        self.now: dt.datetime = runtime.clock.now()
        self.actor = source
        self.owner = Owner("")
        self._committed_seq = self._seq = 0
        self._events: list[Event] = []
        self._committed = self._sent_again = False
        self._stack, self._pipeline = AsyncExitStack(), AsyncExitStack()

    async def __aenter__(self) -> Self:
        self.connection: AsyncConnection = await self._stack.enter_async_context(self._runtime.database.connection())
        # A pipeline saves a round trip for each statement whose result nobody waits for.
        await self._stack.enter_async_context(self._pipeline)
        await self._pipeline.enter_async_context(self.connection.pipeline())
        self.tasks = TaskRows(self.connection)
        self.series = SeriesRows(self.connection)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        # The pool rolls back what was not committed.
        await self._stack.__aexit__(kind, error, traceback)
        if self._committed and (self._events or self._sent_again):
            self._runtime.relay.soon.ask()
        if self._committed and self._seq != self._committed_seq:
            self._runtime.change_notices.tell(self.owner.id)

    async def lock(self, user_id: str, *, commands: bool = False) -> Owner:
        """Lock the user's row; return the settings that give times their meaning.

        Only the user's own command makes the row, on their first one or when they come back after they had left: an
        event that arrives late finds an account closed. Raises `AccountClosed`.
        """
        row = await (await self.connection.execute(LOCK_OWNER, (user_id,))).fetchone()
        while row is None and commands:
            await self.connection.execute(ADD_OWNER, (user_id,))
            row = await (await self.connection.execute(LOCK_OWNER, (user_id,))).fetchone()
        if row is not None and row[0] == "erased" and commands:
            await self.connection.execute(REOPEN, (user_id,))
        elif row is None or row[0] != "active":
            raise AccountClosed("the account is being deleted; afterwards it can be begun anew")
        self._committed_seq = self._seq = row[1]
        self.owner = Owner(user_id, *row[2:])
        return self.owner

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Take back what was done inside when it raises: rows, events and change numbers; what was before stays."""
        seq, events, done = self._seq, len(self._events), False
        try:
            async with self.connection.transaction():
                yield
            done = True
        finally:
            if not done:
                self._seq = seq
                del self._events[events:]

    async def accept(self, event: Event) -> bool:
        """Note an event in the inbox, in the transaction of its effect; False when its effect is there already."""
        cursor = await self.connection.execute(ACCEPT_EVENT, (self.source, event.id, self.now))
        return await cursor.fetchone() is not None

    async def save_task(self, before: Task | None, after: Task, event: type[TaskPayload] | None) -> None:
        """Write a task and emit its event; a task that did not change is neither written nor told about.

        `event` is None where the caller emits one that says more.
        """
        if after is before:
            return
        await self.tasks.save(before, after, self.next_change(), self.owner)
        if event is None:
            return
        self.emit(
            event(
                user_id=after.user_id,
                actor=self.actor,
                task_id=after.id,
                version=after.version,
                series_id=after.occurrence.series.id if after.occurrence else None,
                occurrence=after.occurrence.scheduled if after.occurrence else None,
                changes=differences(before, after, self.owner),
            )
        )

    async def save_series(
        self, series: Series, event: type[SeriesPayload] | None, before: Series | None = None
    ) -> None:
        """Write a series; `event` is None where the change is bookkeeping only. It tells what differs from `before`."""
        await self.series.save(series, self.next_change())
        if event is not None:
            self.emit(
                event(
                    user_id=series.user_id,
                    actor=self.actor,
                    series_id=series.id,
                    version=series.version,
                    rule=series.rule,
                    changes=series_differences(before, series) if before else {},
                )
            )

    def emit(self, payload: Payload) -> None:
        """Add an event; it leaves after the commit."""
        self._events.append(Event(str(new_id()), self.source, self.now, payload, trace.current()))

    async def send_again(self, topic: str, partition_key: str, event: dict[str, Any]) -> None:
        """Put an event that has been on its way before into the outbox, as it is; it leaves after the commit."""
        await self.connection.execute(ADD_TO_OUTBOX, (topic, partition_key, Jsonb(event), self.now))
        self._sent_again = True

    async def commit(self) -> None:
        """Write change number and outbox, and commit. Nothing is published before."""
        if self._seq != self._committed_seq:
            await self.connection.execute(SET_CHANGE_SEQ, (self._seq, self.owner.id))
        for event in self._events:
            row = (event.payload.topic, event.payload.partition_key, Jsonb(to_wire(event)), event.time)
            await self.connection.execute(ADD_TO_OUTBOX, row)
        # Not `connection.commit()`: the end of the pipeline waits once, for the rows, the commit and itself.
        await self.connection.execute(COMMIT)
        await self._pipeline.aclose()
        self._committed = True

    def next_change(self) -> int:
        """Return the user's next change number, for a row that is written in this transaction."""
        self.took_changes(1)
        return self._seq

    @property
    def last_change(self) -> int:
        """The user's change number as it is now."""
        return self._seq

    def took_changes(self, count: int) -> None:
        """Note that one statement gave the numbers after `last_change` to so many rows."""
        self._seq += count
