"""The binding for Amazon SES on the real daprd; moto plays Amazon."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from moto.server import ThreadedMotoServer

from benchmarks.support.server import free_port
from shared.dapr import Dapr
from tests.contracts.outputs_contract import TO_BOB, client_of
from tests.receivers import HttpReceiver
from tests.stack.build import build
from tests.stack.processes import Stack

pytestmark = pytest.mark.stack
TOKEN = "only-for-this-test"
SENDER = "ebb@example.com"
SECRET = {"region": "eu-central-1", "accessKey": "AKIA", "secretKey": "s3cret", "emailFrom": f"Ebb <{SENDER}>"}


@pytest.fixture
def amazon() -> Iterator[str]:
    """Yield the URL of an Amazon that has no verified senders yet."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=free_port(), verbose=False)
    server.start()
    yield f"http://127.0.0.1:{server._port}"
    server.stop()


@pytest_asyncio.fixture
async def dapr(amazon: str) -> AsyncIterator[Dapr]:
    """Yield a client of a sidecar with the component `ses`."""
    with tempfile.TemporaryDirectory(prefix="ebb-ses-") as folder:
        async with HttpReceiver().serving() as app:
            stack = Stack(build(), Path(folder), {"ses": SECRET})
            await asyncio.to_thread(stack.__enter__)
            try:
                environment = {"DAPR_API_TOKEN": TOKEN, "AWS_ENDPOINT_URL": amazon}
                port = int(app.url.rpartition(":")[2])
                url = await asyncio.to_thread(stack.start_daprd, "ebb", port, environment=environment)
                client = client_of(url, TOKEN)
                yield client
                await client.close()
            finally:
                await asyncio.to_thread(stack.__exit__, None, None, None)


async def test_a_mail_goes_out_by_ses_once_amazon_knows_its_sender(dapr: Dapr, amazon: str) -> None:
    body = "<p>Grüße &amp; <b>ä</b></p>"
    refused = await dapr.bind("ses", "create", body, TO_BOB)
    assert 500 == refused.status
    assert "SES binding error. Sending email failed" in refused.text
    assert "MessageRejected" in refused.text
    async with httpx.AsyncClient(base_url=amazon, trust_env=False) as http:
        credential = "Credential=AKIA/20261121/eu-central-1/ses/aws4_request"
        await http.post(
            "/", data={"Action": "VerifyEmailIdentity", "EmailAddress": SENDER},
            headers={"authorization": f"AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0"},
        )  # fmt: skip
        assert (await dapr.bind("ses", "create", body, TO_BOB)).status < 300
        (sent,) = (await http.get("/moto-api/data.json")).json()["ses"]["Message"]
    assert "bob@example.com" in str(sent)
