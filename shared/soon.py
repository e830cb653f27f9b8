"""Work that follows commands in the background: soon after one asked for it, and once for all who ask meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context

import structlog

GATHER = 0.02  # seconds between two rounds of a busy process: one round does what was asked for meanwhile
_log = structlog.get_logger()


class Soon:
    """Runs `work` once for whoever asked before it began. It returns in how many seconds to do it again; None: not."""

    def __init__(self, name: str, work: Callable[[], Awaitable[float | None]]) -> None:
        self._name, self._work = name, work
        self._wanted = False
        self.task: asyncio.Task[None] | None = None

    def ask(self) -> None:
        """Have it done, without keeping the caller waiting."""
        self._wanted = True
        if self.task is None or self.task.done():
            # In a context of its own: it works for everybody, not for the request that asked first.
            self.task = asyncio.create_task(self._run(), name=self._name, context=Context())
            self.task.add_done_callback(self._tell)

    async def close(self, patience: float) -> None:
        """Let the round that runs finish within `patience` seconds."""
        if self.task is not None:
            await asyncio.wait({self.task}, timeout=patience)
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)  # it gives its connection back

    async def _run(self) -> None:
        while self._wanted:
            self._wanted = False
            again_in = await self._work()
            self._wanted |= again_in is not None
            await asyncio.sleep(again_in or (GATHER if self._wanted else 0))

    def _tell(self, task: asyncio.Task[None]) -> None:
        """Log what ended it unexpectedly: whoever asks next has it begun again."""
        if not task.cancelled() and (error := task.exception()):
            _log.error(f"{self._name} ended", exc_info=error)
