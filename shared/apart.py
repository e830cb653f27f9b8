"""A stream of bytes that is produced in a task of its own.

When a client leaves, every await of its answer is cancelled, also the ones that would give a connection back. What is
produced apart is cancelled once, and cleans up behind itself.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

_AHEAD = 2  # pieces that may wait for a slow client


async def apart(pieces: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    """Return the pieces as a stream once there is a first one: what fails before that is raised here."""
    queue: asyncio.Queue[bytes | None] = asyncio.Queue(_AHEAD)
    producer = asyncio.create_task(_produce(pieces, queue))
    first = await queue.get()
    if first is None:
        await producer
    return _stream(first, queue, producer)


async def _produce(pieces: AsyncGenerator[bytes, None], queue: asyncio.Queue[bytes | None]) -> None:
    try:
        async with aclosing(pieces):
            async for piece in pieces:
                await queue.put(piece)
    finally:
        if not queue.full():
            queue.put_nowait(None)  # somebody may be waiting; nobody is while the queue is full


async def _stream(
    first: bytes | None, queue: asyncio.Queue[bytes | None], producer: asyncio.Task[None]
) -> AsyncGenerator[bytes, None]:
    try:
        piece = first
        while piece is not None:
            yield piece
            piece = None if producer.done() and queue.empty() else await queue.get()
        await producer
    finally:
        producer.cancel()
