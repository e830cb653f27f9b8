"""The binding for the archive of the audit log on the real daprd."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from shared.dapr import Dapr
from tests.contracts.archive_contract import ArchiveContract, amazon
from tests.contracts.outputs_contract import client_of
from tests.receivers import HttpReceiver
from tests.stack.build import build
from tests.stack.processes import Stack

pytestmark = pytest.mark.stack
TOKEN = "only-for-this-test"


@pytest.fixture(scope="module")
def secret() -> Iterator[dict[str, str]]:
    """Yield the secret of the component."""
    with amazon() as given:
        yield given


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def sidecar(secret: dict[str, str]) -> AsyncIterator[str]:
    """Start it once; its URL."""
    with tempfile.TemporaryDirectory(prefix="ebb-archive-") as folder:
        async with HttpReceiver().serving() as app:
            stack = Stack(build(), Path(folder), {"archive": secret})
            await asyncio.to_thread(stack.__enter__)
            try:
                port = int(app.url.rpartition(":")[2])
                environment = {"DAPR_API_TOKEN": TOKEN}
                yield await asyncio.to_thread(stack.start_daprd, "ebb", port, environment=environment)
            finally:
                await asyncio.to_thread(stack.__exit__, None, None, None)


class TestArchive(ArchiveContract):
    """The contract, with the component of the repository."""

    @pytest_asyncio.fixture
    async def dapr(self, sidecar: str) -> AsyncIterator[Dapr]:
        """Yield a client of it."""
        client = client_of(sidecar, TOKEN)
        yield client
        await client.close()
