"""A user who does everything there is: each event type that is published leaves the system at least once."""

import asyncio
import datetime as dt
import time
from typing import Any

import httpx

_PATIENCE = 90  # seconds for what follows from a command; sweep is ticked every minute
_QUIET = dt.timedelta(seconds=20)
# All limits of a task at once, in the characters that JSON writes longest (`\u0001`), and four-byte ones.
LARGEST = [
    {"title": letter * 500, "notes": letter * 50_000, "tags": [f"{number:02}{letter * 98}" for number in range(50)]}
    for letter in ("\x01", "\x02")
]
TITLES = ("Miete überweisen 💶", "請求書を払う", "a\u2028b\u0085c\x7f", '\\"quoted\\" {json} <html>', "𝕳𝖆𝖑𝖑𝖔 👩‍👩‍👧‍👦")


class User:
    """Sends commands as the user of a token."""

    def __init__(self, url: str, token: str) -> None:
        headers = {"authorization": f"Bearer {token}"}
        self._http = httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=30)

    async def do_everything(self) -> None:
        """Do it, and return when all commands are answered; what follows from them may still be under way."""
        async with self._http:
            await self._ask_to_be_told()
            await self._live_with_a_task()
            await self._live_with_a_series()
            for kind in ("tokens", "feeds"):
                made = await self._send("POST", f"/v1/{kind}", {"name": "Küche 🍳"})
                (await self._http.delete(f"/v1/{kind}/{made['id']}")).raise_for_status()
            await self._live_with_lists()
            for title in TITLES:
                await self._send("POST", "/v1/tasks", {"title": title, "notes": "😀\n" * 25_000})
            task = await self._send("POST", "/v1/tasks", LARGEST[0])
            await self._send("PATCH", f"/v1/tasks/{task['id']}", LARGEST[1])
            for event_type in ("ebb.notification.due.v1", "ebb.notification.failed.v1"):
                await self._found("/v1/audit", "entries", type=event_type)

    async def leave(self, user_id: str) -> None:
        """Delete the account that the token is of."""
        async with self._http:
            (await self._http.delete("/v1/account", params={"confirm": user_id})).raise_for_status()

    async def make_large_tasks(self, count: int) -> None:
        """Make some of the largest tasks there can be, each with an event of 300 kB."""
        async with self._http:
            for _ in range(count):
                await self._send("POST", "/v1/tasks", LARGEST[0])

    async def _ask_to_be_told(self) -> None:
        """Let a reminder go to a webhook: quiet hours put it off, and then its address is refused."""
        now = dt.datetime.now(dt.UTC)
        quiet = {"from": f"{now - _QUIET:%H:%M:%S}", "until": f"{now + _QUIET:%H:%M:%S}"}
        webhook = {"url": "https://127.0.0.1/inside"}
        await self._send("PATCH", "/v1/settings", {"quiet_hours": quiet, "channels": {"webhook": webhook}})
        at = (now + dt.timedelta(seconds=3)).isoformat()
        await self._send("POST", "/v1/tasks", {"title": "Erinnere mich 🔔", "reminders": [{"at": at}]})

    async def _live_with_a_task(self) -> None:
        task = await self._send("POST", "/v1/tasks", {"title": "Anna anrufen ☎️", "tags": ["Zuhause 🏠"]})
        path = f"/v1/tasks/{task['id']}"
        at = (dt.datetime.now(dt.UTC) + dt.timedelta(seconds=3)).isoformat()
        await self._send("PATCH", path, {"reminders": [{"at": at}]})
        await asyncio.sleep(4)  # it fires
        await self._send("POST", f"{path}/snooze", {"minutes": 60})
        await self._send("POST", f"{path}/complete", {})
        await self._send("POST", f"{path}/reopen", {})
        await self._http.delete(path)
        await self._send("POST", f"{path}/restore", {})

    async def _live_with_lists(self) -> None:
        saved = await self._send("POST", "/v1/filters", {"name": "Wohnung 🏠", "query": {"tag": "Wohnung"}})
        await self._send("POST", "/v1/tasks", {"title": "Fenster putzen", "tags": ["Wohnung"]})
        tag = await self._send("POST", "/v1/tags", {"name": "Wohnung"})
        await self._send("PATCH", f"/v1/tags/{tag['id']}", {"name": "Haushalt", "colour": "#00aa55"})
        for path in (f"/v1/tags/{tag['id']}", f"/v1/filters/{saved['id']}"):
            (await self._http.delete(path)).raise_for_status()

    async def _live_with_a_series(self) -> None:
        wish = {"title": "Gießen", "due": {"date": "2030-01-01"}, "recurrence": {"rule": "FREQ=DAILY;COUNT=3"}}
        first = await self._send("POST", "/v1/tasks", wish)
        await self._send("PATCH", f"/v1/tasks/{first['id']}?scope=all", {"title": "Blumen gießen 🌷"})
        await self._send("POST", f"/v1/tasks/{first['id']}/complete", {})
        second = await self._next(first)
        await self._send("POST", f"/v1/tasks/{second['id']}/skip", {})
        third = await self._next(second)
        path = f"/v1/series/{first['series']['id']}"
        await self._send("POST", f"{path}/pause", {})
        await self._send("POST", f"{path}/resume", {})
        await self._send("POST", f"/v1/tasks/{third['id']}/complete", {})
        wish = {"template": {"title": "Düngen 🪴"}, "recurrence": {"text": "every 2 weeks"}, "start": "2030-01-01"}
        series = await self._send("POST", "/v1/series", wish)
        (await self._http.delete(f"/v1/series/{series['id']}")).raise_for_status()

    async def _next(self, task: dict[str, Any]) -> dict[str, Any]:
        return await self._found("/v1/tasks", "tasks", series=task["series"]["id"], status="open")

    async def _found(self, path: str, name: str, **query: str) -> dict[str, Any]:
        """Return the first of a list when it has one."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            found = (await self._http.get(path, params=query)).raise_for_status().json()[name]
            if found:
                return dict(found[0])
            await asyncio.sleep(0.2)
        raise TimeoutError(f"{path} with {query} was empty for {_PATIENCE} s")

    async def _send(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = await self._http.request(method, path, json=body)
        assert answer.is_success, answer.text
        return dict(answer.json())
