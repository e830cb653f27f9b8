"""The local run tells people through a real mail server, their webhooks and their browsers."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest_asyncio

from benchmarks.support.server import Server
from tests.receivers import HttpReceiver, MailServer
from tests.told import everybody_is_told_once, people, what_is_gone_is_switched_off


@dataclass(frozen=True, slots=True)
class Local:
    """A running server and the far sides."""

    server: Server
    mail: MailServer
    web: HttpReceiver


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def local() -> AsyncIterator[Local]:
    """Yield a server that knows the mail server."""
    with tempfile.TemporaryDirectory(prefix="ebb-told-", ignore_cleanup_errors=True) as folder:
        async with MailServer().serving() as mail, HttpReceiver().serving() as web:
            smtp = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(mail.port), "SMTP_EMAIL_FROM": "Ebb <ebb@example.com>"}
            server = Server(Path(folder), environment=smtp)
            await asyncio.to_thread(server.start)
            yield Local(server, mail, web)
            await asyncio.to_thread(server.stop)


async def test_everybody_is_told_once_and_nobody_of_what_is_not_theirs(local: Local) -> None:
    await everybody_is_told_once(local.server.url, local.server.database_url, local.mail, local.web)


async def test_an_address_that_is_gone_is_told_once_and_left_alone(local: Local) -> None:
    await what_is_gone_is_switched_off(local.server.url, local.server.database_url, local.mail, local.web)


async def test_the_key_that_browsers_subscribe_with_outlives_a_restart(local: Local) -> None:
    async def offered() -> str:
        (person,) = await people(local.server.url, local.server.database_url, "fred")
        async with person.http:
            return str((await person.http.get("/v1/settings")).json()["vapid_public_key"])

    before = await offered()
    await asyncio.to_thread(local.server.stop)
    await asyncio.to_thread(local.server.start)
    assert before == await offered()
