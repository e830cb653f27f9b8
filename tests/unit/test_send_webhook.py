"""Webhooks as a receiver gets them: signed, with one id for all attempts."""

import base64
import hashlib
import hmac
import json
import re
import runpy
import time
from datetime import timedelta
from pathlib import Path

import pytest

from shared.channel_inputs import WebhookConfig
from shared.outputs import Reply
from shared.send_webhook import send_webhook, signature
from shared.sending import Outcome, Verdict, retry_after
from tests.gateway import NOW, PARCEL, Call, RecordingGateway

DOCUMENT = Path(__file__).parents[2] / "docs" / "notifications.md"
KEY = bytes(range(32))
CONFIG = WebhookConfig(url="https://example.org/hook/", secret="whsec_" + base64.b64encode(KEY).decode())


async def sent(reply: Reply | None = None, after: timedelta = timedelta()) -> tuple[Outcome, Call]:
    gateway = RecordingGateway([reply or Reply(200)])
    outcome = await send_webhook(gateway, CONFIG, PARCEL, NOW + after)
    return outcome, gateway.calls[0]


async def test_a_receiver_finds_the_signature_right() -> None:
    _, call = await sent()
    signed = f"{call.how['webhook-id']}.{call.how['webhook-timestamp']}.".encode() + call.sent
    version, _, given = call.how["webhook-signature"].partition(",")
    assert ("v1", hmac.new(KEY, signed, hashlib.sha256).digest()) == (version, base64.b64decode(given))


@pytest.mark.parametrize(("age", "changed", "right"), [(0, b"", True), (301, b"", False), (0, b" ", False)])
async def test_the_documented_check_takes_what_is_sent_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, age: int, changed: bytes, *, right: bool
) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), flags=re.DOTALL)
    (tmp_path / "receiver.py").write_text(code)
    verified = runpy.run_path(str(tmp_path / "receiver.py"))["verified"]
    monkeypatch.setattr(time, "time", lambda: NOW.timestamp() + age)
    _, call = await sent()
    assert right is verified(CONFIG.secret, call.how, call.sent + changed)


def test_the_signature_is_that_of_the_reference_libraries() -> None:
    # The vector of standard-webhooks' own tests.
    content = b'{"test": 2432232314}'
    made = signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", content)
    assert "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" == made


async def test_the_body_tells_the_whole_event() -> None:
    _, call = await sent()
    assert {
        "type": "reminder.fired",
        "timestamp": "2026-12-31T08:00:00.250000Z",
        "data": {
            "notification_id": str(PARCEL.notification_id),
            "task_id": str(PARCEL.task_id),
            "reminder_id": str(PARCEL.reminder_id),
            "title": "Pay rent",
            "text": "Due: Thursday",
            "fire_at": "2026-12-31T08:00:00Z",
            "url": "https://ebb.example.org/tasks/3",
        },
    } == json.loads(call.sent)
    assert "https://example.org/hook/" == call.where


async def test_each_attempt_has_the_same_id_and_its_own_time() -> None:
    (_, first), (_, second) = await sent(), await sent(after=timedelta(hours=1))
    assert str(PARCEL.delivery_id) == first.how["webhook-id"] == second.how["webhook-id"]
    assert 3_600 == int(second.how["webhook-timestamp"]) - int(first.how["webhook-timestamp"])
    assert first.sent == second.sent


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        *((status, Verdict.SENT) for status in (200, 201, 204, 299)),
        (410, Verdict.GONE),
        *((status, Verdict.REFUSED) for status in (301, 302, 304, 308, 400, 401, 403, 404, 413, 422)),
        *((status, Verdict.LATER) for status in (408, 425, 429, 500, 502, 503, 504, 599)),
    ],
)
async def test_each_status_of_a_receiver_has_its_meaning(status: int, verdict: Verdict) -> None:
    outcome, _ = await sent(Reply(status))
    assert verdict is outcome.verdict


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        ("9" * 400, 86_400),
        ("Thu, 31 Dec 2026 08:01:00 GMT", 59.75),
        ("Thu, 31 Dec 2026 07:00:00 GMT", 0),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 86_400),
        ("Thursday, 31-Dec-26 08:01:00 GMT", 59.75),
        ("Thu Dec 31 08:01:00 2026", 59.75),
    ],
)
def test_a_pause_is_read_in_all_forms_of_http_and_is_at_most_a_day(value: str, seconds: float) -> None:
    assert timedelta(seconds=seconds) == retry_after(value, NOW)


@pytest.mark.parametrize("value", [None, "", "-1", "soon", "1.5", "²", "Thu, 99 Dec 2026 08:01:00 GMT"])
def test_anything_else_asks_for_no_pause(value: str | None) -> None:
    assert retry_after(value, NOW) is None
