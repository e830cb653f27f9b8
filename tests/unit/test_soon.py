"""Work in the background: never forgotten, never twice at once, and once for all who ask meanwhile."""

import asyncio
import contextvars

import pytest
from structlog.testing import capture_logs

from shared import soon
from shared.soon import Soon

_who = contextvars.ContextVar("_who", default="nobody")


@pytest.fixture(autouse=True)
def _gathers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soon, "GATHER", 0)


class Work:
    """Rounds that last until they are let go; `after` says what each returns, None when it is used up."""

    def __init__(self, *after: float | Exception) -> None:
        self.soon = Soon("work", self._round)
        self.begun = self.done = 0
        self.seen: list[str] = []
        self.go = asyncio.Event()
        self._after = list(after)

    async def _round(self) -> float | None:
        self.begun += 1
        assert self.begun == self.done + 1, "two rounds at once"
        self.seen.append(_who.get())
        await self.go.wait()
        self.done += 1
        after = self._after.pop(0) if self._after else None
        if isinstance(after, Exception):
            raise after
        return after

    async def runs(self) -> None:
        """Wait until a round is under way."""
        while self.begun == self.done:
            await asyncio.sleep(0)

    async def ended(self) -> None:
        """Let every round go and wait for the last."""
        self.go.set()
        assert self.soon.task
        await asyncio.wait({self.soon.task})


@pytest.mark.parametrize("times", [1, 5])
async def test_those_who_ask_before_a_round_begins_share_it(times: int) -> None:
    work = Work()
    for _ in range(times):
        work.soon.ask()
    await work.ended()
    assert 1 == work.done


async def test_those_who_ask_during_a_round_share_the_next_one() -> None:
    work = Work()
    work.soon.ask()
    await work.runs()
    for _ in range(5):
        work.soon.ask()
    await work.ended()
    assert 2 == work.done


async def test_who_asks_after_the_end_begins_it_again() -> None:
    work = Work()
    for n in (1, 2):
        work.soon.ask()
        await work.ended()
        assert n == work.done


async def test_work_that_is_not_done_yet_is_done_again_unasked() -> None:
    work = Work(0, 0)
    work.soon.ask()
    await work.ended()
    assert 3 == work.done


async def test_it_runs_outside_of_the_request_that_asked() -> None:
    work = Work()
    _who.set("alice")
    work.soon.ask()
    await work.ended()
    assert ["nobody"] == work.seen


async def test_an_unexpected_end_is_logged_and_the_next_ask_begins_it_again() -> None:
    work = Work(ValueError("broken"))
    with capture_logs() as logs:
        work.soon.ask()
        await work.ended()
        await asyncio.sleep(0)
        work.soon.ask()
        await work.ended()
    assert ["work ended"] == [line["event"] for line in logs]
    assert 2 == work.done


async def test_closing_waits_for_the_round_that_runs() -> None:
    work = Work()
    work.soon.ask()
    await work.runs()
    closing = asyncio.create_task(work.soon.close(patience=10))
    await asyncio.sleep(0)
    assert not closing.done()
    work.go.set()
    await closing
    assert 1 == work.done


async def test_closing_ends_a_round_that_takes_too_long() -> None:
    work = Work()
    work.soon.ask()
    await work.runs()
    await work.soon.close(patience=0)
    assert (1, 0) == (work.begun, work.done)
    assert work.soon.task
    assert work.soon.task.cancelled()


async def test_closing_what_was_never_asked_does_nothing() -> None:
    work = Work()
    await work.soon.close(patience=0)
    assert 0 == work.begun
