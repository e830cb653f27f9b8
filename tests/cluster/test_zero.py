"""Nothing runs while nobody asks."""

import httpx
import pytest

from deploy.functions import names
from tests.cluster.installation import ROOT, Installation, await_

pytestmark = pytest.mark.cluster


def test_every_function_goes_to_zero_and_comes_back(installation: Installation, alice: httpx.Client) -> None:
    task = alice.post("/v1/tasks", json={"title": "Wake up"}).raise_for_status().json()
    seen: set[str] = set()

    def all_were_seen_at_zero() -> bool:
        seen.update(name for name in names(ROOT) if not installation.pods(name))
        return seen >= {*names(ROOT)}

    await_("every function at zero pods once", all_were_seen_at_zero, patience=400, pause=1)
    installation.await_zero()
    assert task["id"] == alice.get(f"/v1/tasks/{task['id']}").raise_for_status().json()["id"]
