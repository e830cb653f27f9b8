"""An answer that is produced in a task of its own.

When a client leaves, every await of its answer is cancelled, also the ones that would give a connection back. What is
produced apart is never cancelled: it ends what it is at, finds that nobody reads any more, and cleans up behind itself.
(A cancellation can get lost or leave a query half read: before Python 3.12 asyncio.wait_for, by which psycopg waits,
swallows one that comes together with the answer.)
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

_AHEAD = 2  # pieces that may wait for a slow client


class _Pipe:
    """Pieces on their way from one task to another. `left` is set when nobody reads any more."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[bytes | None] = asyncio.Queue(_AHEAD)
        self.left = False

    def leave(self) -> None:
        """Read no more, and let a producer go on that waits for room."""
        self.left = True
        while not self.queue.empty():
            self.queue.get_nowait()


class _Streamed(StreamingResponse):
    """An answer that tells the producer when nobody reads it any more, however that came about."""

    pipe: _Pipe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.pipe.leave()


async def streamed(pieces: AsyncGenerator[bytes, None], headers: dict[str, str]) -> Response:
    """Return 200 with the pieces once there is a first one: what fails before that is raised here."""
    pipe = _Pipe()
    producer = asyncio.create_task(_produce(pieces, pipe))
    try:
        first = await pipe.queue.get()
    except asyncio.CancelledError:
        pipe.leave()
        raise
    if first is None:
        await producer
    answer = _Streamed(_stream(first, pipe, producer), headers=headers)
    answer.pipe = pipe
    return answer


async def _produce(pieces: AsyncGenerator[bytes, None], pipe: _Pipe) -> None:
    try:
        async with aclosing(pieces):
            async for piece in pieces:
                await pipe.queue.put(piece)
                if pipe.left:
                    return
    finally:
        if not pipe.queue.full():
            pipe.queue.put_nowait(None)  # somebody may be waiting; nobody is while the queue is full


async def _stream(first: bytes | None, pipe: _Pipe, producer: asyncio.Task[None]) -> AsyncGenerator[bytes, None]:
    piece = first
    while piece is not None:
        yield piece
        piece = None if producer.done() and pipe.queue.empty() else await pipe.queue.get()
    await producer
