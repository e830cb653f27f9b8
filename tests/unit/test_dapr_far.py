"""The client for far sides: only a sidecar that cannot be reached counts against all of them."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from shared.clock import SystemClock
from shared.dapr import Dapr
from shared.errors import BackendAway
from shared.settings import Settings

URL = "https://a.test/hook"


def dapr(*answers: int | httpx.TransportError) -> Dapr:
    """Return a client whose sidecar gives these answers, one after another, and then 200."""
    left = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        found = left.pop(0) if left else 200
        if isinstance(found, httpx.TransportError):
            raise found
        return httpx.Response(found, stream=httpx.ByteStream(b""))

    settings = Settings(database_url="postgresql://nowhere", dapr_http_endpoint="http://sidecar.invalid")
    client = Dapr(settings, SystemClock())
    client._far_client = httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://sidecar.invalid")
    return client


async def attempts(client: Dapr, count: int) -> None:
    for _ in range(count):
        with pytest.raises(BackendAway):
            await client.invoke(URL, b"x", {})


async def test_a_sidecar_that_is_away_opens_the_circuit() -> None:
    client = dapr(*[httpx.ConnectError("refused")] * 3)
    await attempts(client, 3)
    assert client.outputs.is_open
    with pytest.raises(BackendAway, match="circuit open"):
        await client.bind("smtp", "create", "x", {})


@pytest.mark.parametrize("error", [httpx.ReadTimeout("slow"), httpx.PoolTimeout("all taken")])
async def test_slow_far_sides_do_not_close_the_way_to_the_others(error: httpx.TransportError) -> None:
    client = dapr(*[error] * 9)
    await attempts(client, 9)
    assert 200 == (await client.invoke(URL, b"x", {})).status


async def test_a_far_side_that_does_not_end_its_answer_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"."
            await asyncio.sleep(0)

    monkeypatch.setattr("shared.dapr._INVOKE_TIMEOUT", 0.01)
    monkeypatch.setattr("shared.dapr._FAR_BODY", 1_000_000_000)
    client = dapr()
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=endless()))
    client._far_client = httpx.AsyncClient(transport=transport, base_url="http://sidecar.invalid")
    assert 504 == (await client.invoke(URL, b"x", {})).status
    assert not client.outputs.is_open


async def test_what_far_sides_answer_never_opens_the_circuit() -> None:
    client = dapr(*[503] * 9)
    for _ in range(9):
        assert 503 == (await client.invoke(URL, b"x", {})).status
    assert not client.outputs.is_open


async def test_publishing_does_not_suffer_from_far_sides() -> None:
    client = dapr(*[httpx.ConnectError("refused")] * 3)
    await attempts(client, 3)
    assert not client.publishing.is_open


@pytest.mark.parametrize("name", ["dapr-app-id", "Dapr-Api-Token"])
async def test_a_header_of_daprs_own_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="Dapr's own"):
        await dapr().invoke(URL, b"x", {name: "other"})
