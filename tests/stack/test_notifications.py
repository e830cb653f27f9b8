"""On the real daprd, Kafka and scheduler: mails by bindings.smtp, webhooks and pushes by invocation."""

import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from tests.receivers import HttpReceiver, MailServer
from tests.stack.system import System, running
from tests.told import everybody_is_told_once, what_is_gone_is_switched_off

pytestmark = pytest.mark.stack
SENDERS = {
    "EMAIL_BINDING": "smtp",
    "VAPID_PRIVATE_KEY": "N8tKhlsMzFmNwbzJwtvNKGyMYd9HJ_T6-G6JsGcpTp4",
    "VAPID_SUBJECT": "mailto:operator@example.com",
    "WEBHOOK_ALLOW_PRIVATE": "true",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A running system and the far sides."""

    system: System
    mail: MailServer
    web: HttpReceiver


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def place() -> AsyncIterator[Place]:
    """Yield the whole system with a mail server."""
    with tempfile.TemporaryDirectory(prefix="ebb-told-", ignore_cleanup_errors=True) as folder:
        async with (
            MailServer().serving() as mail,
            HttpReceiver().serving() as web,
            running(Path(folder), secrets={"smtp": mail.secret}, settings=SENDERS) as system,
        ):
            yield Place(system, mail, web)


async def test_everybody_is_told_once_and_nobody_of_what_is_not_theirs(place: Place) -> None:
    await everybody_is_told_once(place.system.url, place.system.database_url, place.mail, place.web)


async def test_an_address_that_is_gone_is_told_once_and_left_alone(place: Place) -> None:
    await what_is_gone_is_switched_off(place.system.url, place.system.database_url, place.mail, place.web)
