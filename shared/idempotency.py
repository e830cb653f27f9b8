"""An answer, and the same one again for a request that is repeated under its `Idempotency-Key`.

The answer is kept in the same transaction as the effect, so a repeated request finds either both or neither. Only
successful answers are kept: an error had no effect, and trying again may succeed.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from psycopg.types.json import Jsonb
from starlette.requests import Request
from starlette.responses import Response

from shared.errors import Fault, IdempotencyKeyReused, InvalidInput
from shared.storable import storable
from shared.unit_of_work import UnitOfWork

Effect = Callable[[], Awaitable["Answer"]]
FIND_ANSWER = "SELECT fingerprint, status, headers, body FROM idempotency_keys WHERE user_id = %s AND key = %s"
KEEP_ANSWER = """
INSERT INTO idempotency_keys (user_id, key, fingerprint, status, headers, body, created_at)
VALUES (%s, %s, %s, %s, %s, %s, %s)
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer. `kept` is the body for a repeated request, where that must not be the same."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    kept: bytes | None = None

    def response(self) -> Response:
        """Return the response to send."""
        return Response(self.body, self.status, self.headers, "application/json" if self.body else None)


async def earlier_answer(work: UnitOfWork, key: str, fingerprint: bytes) -> Answer | None:
    """Return what the same request was answered before; raises `IdempotencyKeyReused` for another one."""
    row = await (await work.connection.execute(FIND_ANSWER, (work.owner.id, key))).fetchone()
    if row is None:
        return None
    if row[0] != fingerprint:
        raise IdempotencyKeyReused("use a new Idempotency-Key for another request")
    return Answer(row[1], row[3], {**row[2], "Idempotent-Replayed": "true"})


async def keep_answer(work: UnitOfWork, key: str, fingerprint: bytes, answer: Answer) -> None:
    """Keep an answer for the same request, in the transaction of its effect."""
    kept = answer.body if answer.kept is None else answer.kept
    row = (work.owner.id, key, fingerprint, answer.status, Jsonb(answer.headers), kept, work.now)
    await work.connection.execute(KEEP_ANSWER, row)


async def once(work_of: Callable[[], UnitOfWork], request: Request, user_id: str, effect: Effect) -> Answer:
    """Return the answer of an effect that has transactions of its own, or what the same request was answered before.

    Where it was broken off, or comes twice at once, the effect is had again: it must be one that may be.
    """
    key, fingerprint = idempotency_key(request), fingerprint_of(request, await request.body())
    if key is None:
        return await effect()
    async with work_of() as work:
        await work.lock(user_id, commands=True)
        if earlier := await earlier_answer(work, key, fingerprint):
            return earlier
    answer = await effect()
    async with work_of() as work:
        await work.lock(user_id, commands=True)
        if earlier := await earlier_answer(work, key, fingerprint):
            return earlier
        await keep_answer(work, key, fingerprint, answer)
        await work.commit()
    return answer


def fingerprint_of(request: Request, raw: bytes) -> bytes:
    """Return what tells a request from another under the same key."""
    return hashlib.sha256(f"{request.method} {request.scope['path']}?{request.url.query} ".encode() + raw).digest()


def idempotency_key(request: Request) -> str | None:
    """Return the Idempotency-Key of a request; raises `InvalidInput`."""
    key = request.headers.get("idempotency-key")
    if key is not None and not (0 < len(key) <= 255 and storable(key)):
        raise InvalidInput(Fault("Idempotency-Key", "must have 1 to 255 characters, none of them NUL"))
    return key
