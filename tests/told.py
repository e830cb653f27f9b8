"""People with an e-mail address, a webhook and a browser each, and what reaches them: one behaviour for all systems."""

import asyncio
import base64
import datetime as dt
import hashlib
import hmac
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import http_ece
import httpx
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared import base64url
from shared.identity import new_token
from shared.runtime import Runtime
from shared.settings import Settings
from shared.token_rows import TokenRows
from shared.unit_of_work import new_id
from tests.receivers import HttpReceiver, MailServer, Received

_PATIENCE = 60  # seconds


@dataclass(slots=True)
class Person:
    """One user, with the secrets that only they have."""

    name: str
    http: httpx.AsyncClient
    browser: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    hook_secret: str = ""

    @property
    def address(self) -> str:
        """The e-mail address."""
        return f"{self.name}@example.com"

    async def subscribe(self, web: str, **settings: Any) -> None:
        """Ask to be told everywhere; `web` is the URL of the receiver."""
        point = self.browser.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        keys = {"p256dh": base64url.encode(point), "auth": base64url.encode(bytes(16))}
        channels = {
            "email": {"address": self.address},
            "webhook": {"url": f"{web}/hook/{self.name}"},
            "push": {"laptop": {"web_push": {"endpoint": f"{web}/push/{self.name}", "keys": keys}}},
        }
        answer = await self.http.patch("/v1/settings", json={"channels": channels, **settings})
        self.hook_secret = answer.raise_for_status().json()["channels"]["webhook"]["secret"]

    async def plan(self, titles: list[str], at: dt.datetime) -> None:
        """Create tasks that remind at an instant."""
        for title in titles:
            body = {"title": title, "reminders": [{"at": at.isoformat()}]}
            (await self.http.post("/v1/tasks", json=body)).raise_for_status()

    async def told(self) -> list[dict[str, Any]]:
        """Return the notifications."""
        answer = await self.http.get("/v1/notifications", params={"limit": 200})
        return list(answer.raise_for_status().json()["notifications"])

    async def states(self) -> Counter[tuple[str, str]]:
        """Count the deliveries by channel and state."""
        return Counter((d["channel"], d["state"]) for one in await self.told() for d in one["deliveries"])

    def pushed(self, web: HttpReceiver) -> list[str]:
        """Return the titles of the pushes, decrypted as the browser does (RFC 8291)."""
        requests = [one for one in web.requests if one.target == f"/push/{self.name}"]
        shown = (http_ece.decrypt(one.body, private_key=self.browser, auth_secret=bytes(16)) for one in requests)
        return sorted(json.loads(content)["title"] for content in shown)

    def hooked(self, web: HttpReceiver) -> list[str]:
        """Return the titles that came by webhook, each with its signature checked and its id seen once."""
        requests = [one for one in web.requests if one.target == f"/hook/{self.name}"]
        assert all(self._signed(one) for one in requests)
        assert len(requests) == len({one.headers["webhook-id"] for one in requests})
        return sorted(json.loads(one.body)["data"]["title"] for one in requests)

    def _signed(self, received: Received) -> bool:
        """Check a signature as Standard Webhooks tells receivers to."""
        headers = received.headers
        content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + received.body
        digest = hmac.digest(base64.b64decode(self.hook_secret.removeprefix("whsec_")), content, hashlib.sha256)
        return headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"


async def people(url: str, database_url: str, *names: str) -> list[Person]:
    """Return users of a running system, each with a token."""
    parts = Runtime(Settings.from_environment({"DATABASE_URL": database_url, "DAPR_HTTP_ENDPOINT": "http://none"}))
    found = []
    for name in names:
        token, digest = new_token()
        await TokenRows(parts.database).add(new_id(), name, "test", digest, ["read", "write"], parts.clock.now())
        headers = {"authorization": f"Bearer {token}"}
        found.append(Person(name, httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=30)))
    await parts.close()
    return found


async def eventually(look: Callable[[], Awaitable[bool]]) -> None:
    """Return when `look` says so."""
    deadline = time.monotonic() + _PATIENCE
    while not await look():
        assert time.monotonic() < deadline, f"waited {_PATIENCE} s in vain"
        await asyncio.sleep(0.1)


async def everybody_is_told_once(url: str, database_url: str, mail: MailServer, web: HttpReceiver) -> None:
    """Let reminders of several people ring at the same moment, and compare what reached each with what they planned."""
    everybody = await people(url, database_url, "anna", "ben", "carla", "dora")
    at = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=5)
    plans = {one.name: sorted(f"{one.name} {n} – Miete & <Strom> 💶" for n in range(8)) for one in everybody}
    for one in everybody:
        await one.subscribe(web.url, locale="de", time_zone="Europe/Berlin")
    await asyncio.gather(*(one.plan(plans[one.name], at) for one in everybody))
    wanted = Counter({(channel, "sent"): 8 for channel in ("in_app", "email", "webhook", "push/laptop")})

    async def all_told() -> bool:
        return all([await one.states() == wanted for one in everybody])

    await eventually(all_told)
    for one in everybody:
        mails = mail.to(one.address)
        subjects = sorted(str(m.message["subject"]).removeprefix("Erinnerung: ") for m in mails)
        assert plans[one.name] == subjects == one.hooked(web) == one.pushed(web)
        assert all("&lt;Strom&gt;" in m.html and 'lang="de"' in m.html for m in mails)
        assert plans[one.name] == sorted(n["title"] for n in await one.told())
        await one.http.aclose()


async def what_is_gone_is_switched_off(url: str, database_url: str, mail: MailServer, web: HttpReceiver) -> None:
    """Let a mailbox bounce and a subscription expire: each is told as failed, and is left alone from then on."""
    (emil,) = await people(url, database_url, "emil")
    await emil.subscribe(web.url)
    mail.refusals[emil.address] = "550 5.1.1 no such user here"
    web.answer_with(410)
    for title in ("first", "second"):
        await emil.plan([title], dt.datetime.now(dt.UTC) + dt.timedelta(seconds=1))

        async def told(title: str = title) -> bool:
            found = [one for one in await emil.told() if one["title"] == title]
            return found != [] and all(d["state"] in ("sent", "failed") for d in found[0]["deliveries"])

        await eventually(told)
    web.answer_with(201)
    newest, oldest = await emil.told()
    assert {"in_app": "sent"} == {d["channel"]: d["state"] for d in newest["deliveries"]}
    assert {"in_app": "sent", "email": "failed", "webhook": "failed", "push/laptop": "failed"} == {
        d["channel"]: d["state"] for d in oldest["deliveries"]
    }
    channels = (await emil.http.get("/v1/settings")).json()["channels"]
    assert "5.1.1" in str(channels["email"]["problem"]), channels["email"]
    assert all(one["problem"] for one in (channels["webhook"], channels["push"]["laptop"]))
    assert [] == mail.to(emil.address)
    await emil.http.aclose()
