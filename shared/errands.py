"""Carrying out errands: each is sent once, and what became of it is noted in a transaction of its own."""

import asyncio
import datetime as dt
from collections.abc import Sequence
from contextlib import suppress

from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from shared import log, telemetry
from shared.channel_rows import ChannelRows
from shared.errors import BackendAway
from shared.events import NotificationFailed
from shared.notification import DeliveryState, settled
from shared.notification_rows import NotificationRows
from shared.runtime import Runtime
from shared.senders import must_not_overlap, send
from shared.sending import Outcome, Verdict
from shared.telling import Errand, sent
from shared.unit_of_work import UnitOfWork

MAIL_LOCK = 6_222_003  # any constant nobody else uses
# Seconds between attempts to note an outcome: what has left must not leave again because the note was lost.
_PAUSES = (0.2, 0.5, 1, 2, 4, 8, 16)
_away = (OperationalError, PoolTimeout)


async def carry_out(parts: Runtime, source: str, errands: Sequence[Errand]) -> None:
    """Send all of them side by side. One that cannot be noted is raised after the others are done."""
    outcomes = await asyncio.gather(*(_carry_out(parts, source, one) for one in errands), return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome


async def _carry_out(parts: Runtime, source: str, errand: Errand) -> None:
    alone = must_not_overlap(parts.settings, errand.channel.kind)
    outcome = await (_send_in_turn(parts, errand) if alone else _send(parts, errand))
    if outcome is None:
        return
    log.bind(**{f"channel_{errand.channel.kind}": outcome.verdict})
    telemetry.notification(errand.channel.kind, outcome.verdict)
    for pause in _PAUSES:
        try:
            await _note(parts, source, errand, outcome)
        except _away:
            await parts.clock.wait_until(parts.clock.now() + dt.timedelta(seconds=pause))
        else:
            return
    await _note(parts, source, errand, outcome)


async def _send(parts: Runtime, errand: Errand) -> Outcome:
    try:
        return await send(
            parts.dapr, parts.settings, errand.channel.kind, errand.channel.config, errand.parcel, parts.clock.now()
        )
    except BackendAway as error:
        return Outcome(Verdict.LATER, error.detail)


async def _send_in_turn(parts: Runtime, errand: Errand) -> Outcome | None:
    """Send while nobody else in the installation does; None when the attempt was lost while waiting."""
    outcome: Outcome | None = Outcome(Verdict.LATER, "the database is away")
    # The turn of this process first: waiting for the lock takes one connection, not one for each mail.
    async with parts.mail_turn:
        with suppress(*_away):
            async with parts.database.connection() as connection, connection.transaction():
                # A sender that froze must not hold the turn for ever; a send takes 30 seconds at most.
                await connection.execute("SET LOCAL idle_in_transaction_session_timeout = '60s'")
                await connection.execute("SELECT pg_advisory_xact_lock(%s)", (MAIL_LOCK,))
                if await _still_ours(parts, errand):
                    outcome = await _send(parts, errand)
                else:
                    outcome = None
    return outcome


async def _still_ours(parts: Runtime, errand: Errand) -> bool:
    async with parts.database.statements() as connection:
        return await NotificationRows(connection).renew(errand.delivery, parts.clock.now())


async def _note(parts: Runtime, source: str, errand: Errand, outcome: Outcome) -> None:
    told, delivery = errand.notification, errand.delivery
    async with UnitOfWork(parts, source) as work:
        await work.lock(told.user_id)
        rows = NotificationRows(work.connection)
        result = settled(outcome, delivery.attempts, told.created_at, work.now)
        if not await rows.settle(delivery, result, work.now):
            return
        await rows.touch(told.id, work.next_change())
        if result.state is DeliveryState.SENT:
            work.emit(sent(work, told, delivery.channel, delivery.attempts))
        elif result.state is DeliveryState.FAILED:
            work.emit(_failed(work, errand, result.reason or ""))
        if outcome.verdict is Verdict.GONE:
            await ChannelRows(work.connection).switch_off(told.user_id, errand.channel, outcome.reason, work.now)
        await work.commit()


def _failed(work: UnitOfWork, errand: Errand, reason: str) -> NotificationFailed:
    told, delivery = errand.notification, errand.delivery
    return NotificationFailed(
        user_id=told.user_id,
        actor=work.actor,
        notification_id=told.id,
        task_id=told.task_id,
        channel=delivery.channel,
        attempts=delivery.attempts,
        reason=reason,
    )
