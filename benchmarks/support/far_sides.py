"""Who is told about the reminders of a load: a mail server and a webhook, and the account of what reached them.

A delivery whose outcome got lost is sent again. A webhook's receiver tells the repetition by its id; a mail that was
accepted but not acknowledged arrives twice, because SMTP has no key for it. So repetitions are counted, and wrong are
only those of a delivery that was tried once.
"""

import asyncio
import re
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg
from psycopg.rows import namedtuple_row

from benchmarks.demo import percentiles
from tests.receivers import HttpReceiver, MailServer

SETTINGS = {"EMAIL_BINDING": "smtp", "WEBHOOK_ALLOW_PRIVATE": "true", "PUBLIC_URL": "https://ebb.example.com"}
# A sender that dies is found after its lease of 90 s, by the next tick; what failed then waits for another one.
_PATIENCE = 300.0
_TASK = re.compile(r'href="https://ebb\.example\.com/#/tasks/([0-9a-f-]{36})')
_UNFINISHED = "SELECT count(*) AS unfinished FROM deliveries WHERE state IN ('pending', 'sending')"
_UNTOLD = """
SELECT a.event_id FROM audit a JOIN tasks t ON t.id = a.task_id
WHERE a.type = 'ebb.reminder.fired.v1' AND t.status = 'open' AND t.deleted_at IS NULL
  AND NOT EXISTS (SELECT FROM notifications n WHERE n.event_id = a.event_id)
"""
_DELIVERIES = """
SELECT d.id::text, n.task_id::text AS task, d.channel, d.state, d.attempts, d.reason,
  extract(epoch FROM d.finished_at - n.fired_at)::float AS seconds
FROM deliveries d JOIN notifications n ON n.id = d.notification_id
"""


@dataclass
class Told:
    """What reached the far sides. `repeated` are the repetitions by channel."""

    deliveries: int = 0
    repeated: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    seconds: dict[str, list[float]] = field(default_factory=dict)  # from firing to the note that it was sent

    @property
    def wrong(self) -> list[str]:
        """Everything that is wrong, in words."""
        return self.lost + self.duplicated

    def __str__(self) -> str:
        """Return one line."""
        times = ", ".join(f"{channel} {percentiles(found)}" for channel, found in sorted(self.seconds.items()))
        repeated = ", ".join(f"{channel} {self.repeated[channel]}" for channel in ("email", "webhook"))
        return (
            f"{self.deliveries} deliveries: lost {len(self.lost)}, doubled {len(self.duplicated)}; sent again because"
            f" the outcome was lost, and arrived twice: {repeated}; p50 / p95 from firing: {times}"
        )


@dataclass(frozen=True, slots=True)
class FarSides:
    """The mail server and the receiver of webhooks."""

    mail: MailServer
    web: HttpReceiver

    @property
    def secrets(self) -> dict[str, dict[str, str]]:
        """The secrets of Dapr's components."""
        return {"smtp": self.mail.secret}

    async def subscribe(self, url: str, token: str) -> None:
        """Have the user of a token told by both."""
        channels = {"email": {"address": "local@example.com"}, "webhook": {"url": f"{self.web.url}/hook"}}
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as http:
            headers = {"authorization": f"Bearer {token}"}
            (await http.patch("/v1/settings", json={"channels": channels}, headers=headers)).raise_for_status()

    async def account(self, database_url: str) -> Told:
        """Wait until every delivery is finished, and compare them with what arrived."""
        connecting = psycopg.AsyncConnection[Any].connect(database_url, row_factory=namedtuple_row, autocommit=True)
        async with await connecting as connection:
            deadline = time.monotonic() + _PATIENCE
            while (await _rows(connection, _UNFINISHED))[0].unfinished and time.monotonic() < deadline:
                await asyncio.sleep(0.5)
            untold = await _rows(connection, _UNTOLD)
            deliveries = await _rows(connection, _DELIVERIES)
        told = Told(len(deliveries), lost=[f"notification of event {row.event_id}" for row in untold])
        told.lost += [f"{row.channel} {row.id} {row.state}: {row.reason}" for row in deliveries if _unsent(row)]
        sent = [row for row in deliveries if row.state == "sent"]
        for row in sent:
            told.seconds.setdefault(row.channel, []).append(row.seconds)
        self._compare(told, "webhook", Counter(one.headers["webhook-id"] for one in self.web.requests), "id", sent)
        self._compare(told, "email", Counter(_TASK.findall("".join(m.html for m in self.mail.mails))), "task", sent)
        return told

    @staticmethod
    def _compare(told: Told, channel: str, arrived: Counter[str], key: str, sent: list[Any]) -> None:
        """Compare what arrived, by key, with what was sent."""
        rows = [row for row in sent if row.channel == channel]
        wanted = Counter(getattr(row, key) for row in rows)
        tried_again = {getattr(row, key) for row in rows if row.attempts > 1}
        for one, times in wanted.items():
            if arrived[one] < times:
                told.lost.append(f"{channel} {one} noted as sent")
            elif arrived[one] > times and one in tried_again:
                told.repeated[channel] += arrived[one] - times
            elif arrived[one] > times:
                told.duplicated.append(f"{channel} {one} arrived {arrived[one]} times")


@asynccontextmanager
async def far_sides() -> AsyncIterator[FarSides]:
    """Serve both until left."""
    async with MailServer().serving() as mail, HttpReceiver().serving() as web:
        yield FarSides(mail, web)


def _unsent(row: Any) -> bool:
    # A delivery is cancelled where its task was closed before it could be repeated.
    return row.state not in {"sent", "cancelled"}


async def _rows(connection: psycopg.AsyncConnection[Any], statement: str) -> list[Any]:
    return await (await connection.execute(statement.encode())).fetchall()
