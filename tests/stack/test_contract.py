"""The real sidecar, scheduler and Kafka keep the contract that the stand-in keeps."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from starlette.types import Receive, Scope, Send

from shared.embedded.listener import Listener
from tests.contracts.dapr_contract import Dapr, DaprContract
from tests.contracts.outputs_contract import Far, OutputsContract, client_of
from tests.receivers import HttpReceiver, MailServer
from tests.recorder import Recorder
from tests.stack.build import build
from tests.stack.processes import Stack

pytestmark = pytest.mark.stack
TOKEN = "only-for-this-test"


class _Switch:
    """An app whose recorder each test replaces: the sidecar knows one address only."""

    def __init__(self) -> None:
        self.app = Recorder()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@dataclass(frozen=True, slots=True)
class _Sidecars:
    """The running parts: the sidecar that delivers, with its app, and the one with the bindings, with the far sides."""

    stack: Stack
    bridge: str
    switch: _Switch
    outputs: str
    mail: MailServer
    web: HttpReceiver


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def sidecars() -> AsyncIterator[_Sidecars]:
    """Start everything once."""
    switch, listener = _Switch(), Listener(0)
    folder = tempfile.TemporaryDirectory(prefix="ebb-stack-")
    with folder as name:
        async with MailServer().serving() as mail, HttpReceiver().serving() as web, listener.serving(switch):
            port = listener.port
            stack = Stack(build(), Path(name), {"smtp": mail.secret, "fcm": {"url": web.url}})
            await asyncio.to_thread(stack.__enter__)
            try:
                bridge = await asyncio.to_thread(stack.start_daprd, "ebb-bridge", port)
                token = {"DAPR_API_TOKEN": TOKEN}
                outputs = await asyncio.to_thread(stack.start_daprd, "ebb", port, environment=token)
                yield _Sidecars(stack, bridge, switch, outputs, mail, web)
            finally:
                await asyncio.to_thread(stack.__exit__, None, None, None)


class TestDaprd(DaprContract):
    """The contract."""

    @pytest_asyncio.fixture
    async def dapr(self, sidecars: _Sidecars) -> AsyncIterator[Dapr]:
        """Yield the sidecar with an app that has seen nothing yet."""
        sidecars.switch.app = Recorder()
        async with httpx.AsyncClient(base_url=sidecars.bridge, trust_env=False, timeout=30) as http:
            yield Dapr(http, sidecars.switch.app)
        sidecars.stack.check()


class TestDaprdOutputs(OutputsContract):
    """The contract of what leaves the system."""

    @pytest_asyncio.fixture
    async def far(self, sidecars: _Sidecars) -> AsyncIterator[Far]:
        """Yield a new client and far sides that have seen nothing yet."""
        sidecars.mail.forget()
        sidecars.web.forget()
        dapr = client_of(sidecars.outputs, TOKEN)
        yield Far(dapr, TOKEN, sidecars.mail, sidecars.web)
        await dapr.close()
        sidecars.stack.check()  # a sidecar that a request ended shows its last words
