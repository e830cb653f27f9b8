"""The real sidecar, scheduler and Kafka keep the contract that the stand-in keeps."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from starlette.types import Receive, Scope, Send

from shared.embedded.listener import Listener
from tests.contracts.dapr_contract import Dapr, DaprContract
from tests.recorder import Recorder
from tests.stack.build import build
from tests.stack.processes import Stack

pytestmark = pytest.mark.stack


class _Switch:
    """An app whose recorder each test replaces: the sidecar knows one address only."""

    def __init__(self) -> None:
        self.app = Recorder()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def sidecar() -> AsyncIterator[tuple[str, _Switch]]:
    """Yield the URL of a running sidecar, and the app behind it."""
    switch, listener = _Switch(), Listener(0)
    with tempfile.TemporaryDirectory(prefix="ebb-stack-", ignore_cleanup_errors=True) as folder:
        async with listener.serving(switch):
            port = int(listener.url.rpartition(":")[2])
            stack = Stack(build(), Path(folder))
            await asyncio.to_thread(stack.__enter__)
            try:
                yield await asyncio.to_thread(stack.start_daprd, "ebb-bridge", port), switch
            finally:
                await asyncio.to_thread(stack.__exit__, None, None, None)


class TestDaprd(DaprContract):
    """The contract."""

    @pytest_asyncio.fixture
    async def dapr(self, sidecar: tuple[str, _Switch]) -> AsyncIterator[Dapr]:
        """Yield the sidecar with an app that has seen nothing yet."""
        url, switch = sidecar
        switch.app = Recorder()
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as http:
            yield Dapr(http, switch.app)
