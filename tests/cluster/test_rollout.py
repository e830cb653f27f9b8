"""A new version, and the old one again, while clients are at work: no request fails and no event is lost."""

import asyncio
import subprocess
import time
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest

from benchmarks.demo import OWN_LINES
from benchmarks.support.account import account, settled
from benchmarks.support.cluster_load import PATIENCE, cluster_load
from benchmarks.support.load import Load, read_lines
from deploy.tools import tool
from tests.cluster.installation import Installation

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def next_image(installation: Installation) -> str:
    """Return an image with the same files and another digest."""
    command = [str(tool("crane")), "mutate", installation.image, "--label=version=next"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def containers(installation: Installation) -> Iterator[dict[str, Any]]:
    for one in installation.objects("services.serving.knative.dev"):
        yield from one["spec"]["template"]["spec"]["containers"]


async def deployed_under_load(installation: Installation, load: Load, image: str) -> None:
    over = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(load.run_until(cycle(read_lines([OWN_LINES])), over.is_set))
        await asyncio.sleep(5)  # the clients are at work before the first pod goes
        await asyncio.to_thread(installation.deploy, image=image)
        await asyncio.sleep(40)  # longer than the pods of the version before are given to end
        over.set()


async def test_a_rollout_and_a_rollback_fail_no_request_and_lose_no_event(
    installation: Installation, token: str, next_image: str
) -> None:
    assert next_image != installation.image
    async with cluster_load(installation, token) as load:
        for image in (next_image, installation.image):
            before, began = load.ledger.commands, time.monotonic()
            await deployed_under_load(installation, load, image)
            assert {image} == {container["image"] for container in containers(installation)}
            seconds, commands = time.monotonic() - began, load.ledger.commands - before
            print(f"\n{commands} commands in {seconds:.0f} s, failed: {load.ledger.retries.total()}")
    assert ({}, {}) == (load.ledger.retries, load.ledger.foreign)
    assert [] == load.ledger.refused
    await settled(installation.database_url, PATIENCE)
    assert [] == (found := await account(installation.database_url, load.ledger)).wrong
    assert 0 == found.out_of_order
