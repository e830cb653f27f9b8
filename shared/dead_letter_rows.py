"""Dead letters in storage: kept once with a count, listed newest first, and claimed for a replay."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any
from uuid import UUID

from psycopg import AsyncConnection
from pydantic import Field

from shared.dead_letters import DeadLetter, json_object, outgoing
from shared.errors import Fault, InvalidInput, NotFound, NotReplayable
from shared.listing import Listing
from shared.paging import Key, Order, single
from shared.unit_of_work import UnitOfWork, new_id

PARAMETERS = ("state", "function", "type", "limit", "cursor")
ORDER = Order((Key("received_at", "timestamptz", descending=True), Key("position", "bigint", descending=True)))
STATES = {"waiting": "replayed_at IS NULL", "replayed": "replayed_at IS NOT NULL"}
_COLUMNS = "id, event_id, type, function, code, reason, body, received_at, count, replayed_at"
# What comes again after a replay has failed again: it waits once more.
KEEP = """
INSERT INTO dead_letters (id, fingerprint, event_id, type, source, subject, partition_key, function, code, reason, body,
  received_at, count)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 1)
ON CONFLICT (fingerprint) DO UPDATE SET count = dead_letters.count + 1, code = excluded.code, reason = excluded.reason,
  received_at = excluded.received_at, replayed_at = NULL, replayed_by = NULL
"""
# Of two replays at once the later one waits for the rows of the first, and then finds them replayed.
CLAIM = """
SELECT position, body FROM dead_letters
WHERE replayed_at IS NULL AND position > %(after)s AND (%(id)s::uuid IS NULL OR id = %(id)s)
  AND (%(function)s::text IS NULL OR function = %(function)s) AND (%(type)s::text IS NULL OR type = %(type)s)
  AND (%(before)s::timestamptz IS NULL OR received_at < %(before)s)
ORDER BY position LIMIT 500 FOR UPDATE
"""
MARK = "UPDATE dead_letters SET replayed_at = %s, replayed_by = %s WHERE position = ANY(%s)"
EXISTS = "SELECT true FROM dead_letters WHERE id = %s"


Instant = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


@dataclass(frozen=True, slots=True)
class DeadLetterView:
    """A dead letter: which function did not take it, with which status and reason, and the event if it was one.

    `count` is how often it came; `replayed_at` is null while it waits.
    """

    id: Annotated[str, Field(json_schema_extra={"format": "uuid"})]
    event_id: str | None
    type: str | None
    function: str | None
    code: int | None
    reason: str
    count: int
    received_at: Instant
    replayed_at: Instant | None
    event: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class DeadLetterPage:
    """One page, newest first, and the cursor of the next."""

    dead_letters: list[DeadLetterView]
    next: str | None


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many dead letters were sent again, and how many cannot be."""

    replayed: int
    kept: int = 0

    @property
    def json(self) -> bytes:
        """The answer."""
        return json.dumps(asdict(self)).encode()


async def keep(connection: AsyncConnection, letter: DeadLetter, now: dt.datetime) -> None:
    """Store a dead letter; one that is there already is counted."""
    attributes = (letter.attribute(name) for name in ("id", "type", "source", "subject", "partitionkey"))
    known = (letter.function, letter.code, letter.reason, letter.body, now)
    await connection.execute(KEEP, (new_id(), letter.fingerprint, *attributes, *known))


async def replay_one(work: UnitOfWork, letter_id: UUID) -> Replayed:
    """Send a waiting dead letter again; none when it has been replayed. Raises `NotFound` and `NotReplayable`."""
    if await (await work.connection.execute(EXISTS, (letter_id,))).fetchone() is None:
        raise NotFound("there is no such dead letter")
    replayed, refusals = await _replay(work, {"id": letter_id, "after": 0})
    if refusals:
        raise refusals[0]
    return Replayed(replayed)


async def replay_all(work: UnitOfWork, wanted: Mapping[str, object]) -> Replayed:
    """Send what waits again, in the order of its arrival; return how many, and how many cannot be replayed.

    `wanted` may narrow it: `function`, `type`, `before` (an instant: those that came earlier).
    """
    replayed, refusals = await _replay(work, {**wanted, "after": 0})
    return Replayed(replayed, len(refusals))


async def _replay(work: UnitOfWork, wanted: dict[str, object]) -> tuple[int, list[NotReplayable]]:
    sent, refusals = 0, list[NotReplayable]()
    filters = {"id": None, "function": None, "type": None, "before": None, **wanted}
    while rows := await (await work.connection.execute(CLAIM, filters)).fetchall():
        done = []
        for position, body in rows:
            try:
                await work.send_again(*outgoing(bytes(body)))
                done.append(position)
            except NotReplayable as error:
                refusals.append(error)
        await work.connection.execute(MARK, (work.now, work.actor, done))
        sent += len(done)
        filters["after"] = rows[-1][0]
    return sent, refusals


async def list_dead_letters(connection: AsyncConnection, given: dict[str, list[str]]) -> bytes:
    """Return one page as JSON, newest first. Raises `InvalidInput` for wrong values."""
    listing = Listing(_COLUMNS, "dead_letters", ORDER)
    if (state := single(given, "state")) is not None:
        if state not in STATES:
            raise InvalidInput(Fault("?state", "is one of waiting, replayed"))
        listing.where(STATES[state])
    for name in ("function", "type"):
        if (text := single(given, name)) is not None:
            listing.where(f"{name} = %s", text)
    rows, following = await listing.page(connection, given)
    page = DeadLetterPage([_view(row) for row in rows], following)
    # Not by Pydantic: events of strangers may hold text that UTF-8 cannot spell, which JSON escapes.
    return json.dumps(asdict(page)).encode()


def _view(row: Mapping[str, Any]) -> DeadLetterView:
    same = {name: row[name] for name in ("event_id", "type", "function", "code", "reason", "count")}
    return DeadLetterView(
        id=str(row["id"]), received_at=_instant(row["received_at"]) or "", replayed_at=_instant(row["replayed_at"]),
        event=json_object(bytes(row["body"])), **same,
    )  # fmt: skip


def _instant(at: dt.datetime | None) -> str | None:
    return None if at is None else at.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
