"""The whole interface through the public routes: every path has a function behind it, and files go out and in."""

import httpx
import pytest

from shared.paths import METHODS
from tests.cluster.installation import Installation, await_

pytestmark = pytest.mark.cluster

# Knative asks for these; no public route leads there.
INSIDE = ("/health/liveness", "/health/readiness")
NOBODYS = "018f3a60-0000-7000-8000-000000000000"
WAYS = [(method, path) for path, methods in METHODS.items() if path not in INSIDE for method in methods]


@pytest.mark.parametrize(("method", "path"), WAYS)
def test_every_way_into_the_system_has_its_route(installation: Installation, method: str, path: str) -> None:
    url = installation.url + path.replace("{id}", NOBODYS)
    answer = httpx.request(method, url, trust_env=False, timeout=60)
    # A stranger is told so by a function. What has no route is told by the gateway, which knows no problem details.
    asks_who = path.startswith("/v1/") and path != "/v1/feed/{id}"
    wanted = 401 if asks_who else 404 if "{id}" in path else 200
    assert wanted == answer.status_code, answer.text
    assert 200 == wanted or answer.headers["content-type"] == "application/problem+json"


def test_what_one_account_exports_another_imports_once(installation: Installation, alice: httpx.Client) -> None:
    alice.post("/v1/tasks", json={"text": "Water the plants every day at 9 !high #home"}).raise_for_status()
    count = len(alice.get("/v1/export", params={"format": "json"}).raise_for_status().json()["tasks"])
    file = alice.get("/v1/export", params={"format": "ics"}).raise_for_status()
    assert count == file.text.count("BEGIN:VTODO")
    headers = {"authorization": f"Bearer {installation.token('carol')}", "content-type": "text/calendar"}
    with httpx.Client(base_url=installation.url, headers=headers, trust_env=False, timeout=60) as carol:
        first = carol.post("/v1/import", content=file.content).raise_for_status().json()
        again = carol.post("/v1/import", content=file.content).raise_for_status().json()
        assert (count, 0) == (first["created"], again["created"])
        await_("an audit entry of each", lambda: count <= len(carol.get("/v1/audit").json()["entries"]))


def test_a_calendar_reads_a_feed_without_a_token_until_it_is_revoked(alice: httpx.Client) -> None:
    alice.post("/v1/tasks", json={"title": "In the calendar", "due": {"date": "2030-01-01"}}).raise_for_status()
    feed = alice.post("/v1/feeds", json={}).raise_for_status().json()
    url = alice.base_url.join(feed["path"])
    read = httpx.get(url, trust_env=False, timeout=60)
    assert (200, True) == (read.status_code, "SUMMARY:In the calendar" in read.text)
    alice.delete(f"/v1/feeds/{feed['id']}").raise_for_status()
    assert 404 == httpx.get(url, trust_env=False, timeout=60).status_code
