"""What a client does in one trace, over HTTP, and what must come of it: whoever runs the functions."""

import asyncio
import datetime as dt
import time

import httpx

from tests.collector import Collector

CLIENT = "b7ad6b7169203331"
_CREATE, _COMPLETE = "create-task: POST /v1/tasks", "complete-task: POST /v1/tasks/{id}/complete"
_SCHEDULE, _SPAWN = "schedule-reminder: process ebb.task.created.v1", "spawn-recurrence: process ebb.task.completed.v1"
_TELL = "send-notification: process ebb.reminder.fired.v1"
_FIRE, _AUDIT = "fire-reminder: process ebb.reminder.due.v1", "write-audit: process"
TIES = {
    ("client", _CREATE),
    (_CREATE, _SCHEDULE),
    (_CREATE, f"{_AUDIT} ebb.task.created.v1"),
    (_CREATE, f"{_AUDIT} ebb.series.created.v1"),
    (_SCHEDULE, "schedule-reminder: POST /v1.0/jobs"),
    (_SCHEDULE, _FIRE),
    (_FIRE, f"{_AUDIT} ebb.reminder.fired.v1"),
    (_FIRE, _TELL),
    (_TELL, "send-notification: POST /v1.0/invoke"),
    (_TELL, f"{_AUDIT} ebb.notification.sent.v1"),
    ("client", _COMPLETE),
    (_COMPLETE, f"{_AUDIT} ebb.task.completed.v1"),
    (_COMPLETE, "schedule-reminder: process ebb.task.completed.v1"),
    (_COMPLETE, _SPAWN),
    (_SPAWN, _SCHEDULE),
    (_SPAWN, f"{_AUDIT} ebb.task.created.v1"),
}
METRICS = {
    "ebb.commands", "http.server.request.duration", "ebb.events.published", "ebb.events.consumed", "ebb.outbox.lag",
    "ebb.outbox.waiting", "ebb.reminder.lateness", "ebb.notifications", "ebb.circuit",
}  # fmt: skip
# So that nobody waits for the SDK's own 5 and 60 seconds.
QUICKLY = {"OTEL_BSP_SCHEDULE_DELAY": "200", "OTEL_METRIC_EXPORT_INTERVAL": "500"}


async def live(url: str, token: str, trace_id: str, hook: str) -> None:
    """Set a reminder that is due in seconds and told to a webhook, and complete an occurrence of a recurring task."""
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=30) as http:
        answer = await http.patch("/v1/settings", json={"channels": {"webhook": {"url": hook}}})
        assert 200 == answer.status_code, answer.text
    headers |= {"traceparent": f"00-{trace_id}-{CLIENT}-01"}
    at = (dt.datetime.now(dt.UTC) + dt.timedelta(seconds=5)).isoformat()
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=30) as http:
        for more in ({"reminders": [{"at": at}]}, {"recurrence": {"rule": "FREQ=DAILY"}}):
            answer = await http.post("/v1/tasks", json={"title": "a", **more})
            assert 201 == answer.status_code, answer.text
        assert 200 == (await http.post(f"/v1/tasks/{answer.json()['id']}/complete")).status_code


async def told(collector: Collector, trace_id: str, patience: float) -> set[tuple[str, str]]:
    """Return who is whose child in the trace, when all of `TIES` and `METRICS` have come or patience is over."""
    deadline = time.monotonic() + patience
    while True:
        ties = collector.ties(trace_id, CLIENT)
        complete = ties >= TIES and collector.metrics >= METRICS and "nobody" not in dict(ties)
        if complete or time.monotonic() > deadline:
            return ties
        await asyncio.sleep(0.2)
