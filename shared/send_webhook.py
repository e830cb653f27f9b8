"""Webhooks, signed as Standard Webhooks 1.0.0 says (github.com/standard-webhooks, spec/standard-webhooks.md)."""

import base64
import datetime as dt
import hashlib
import hmac
import json
import secrets

from shared.channel_inputs import WebhookConfig, webhook_key, webhook_secret
from shared.sending import Gateway, Outcome, Parcel, by_status

_GONE = frozenset({410})


def new_webhook_secret() -> str:
    """Return a new secret: `whsec_` and 32 random bytes as base64."""
    return webhook_secret(secrets.token_bytes(32))


async def send_webhook(gateway: Gateway, config: WebhookConfig, parcel: Parcel, now: dt.datetime) -> Outcome:
    """Post one event. `webhook-id` is the same in each attempt, so that receivers can tell a repetition."""
    body = _body(parcel)
    message_id, timestamp = str(parcel.delivery_id), str(int(now.timestamp()))
    headers = {
        "content-type": "application/json",
        "user-agent": "Ebb",
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature(config.secret, message_id, timestamp, body),
    }
    reply = await gateway.invoke(config.url, body, headers)
    return by_status(reply, now, _GONE, "The webhook's server")


def signature(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    """Return the value of `webhook-signature`: HMAC-SHA256 over id, timestamp and body, joined by full stops."""
    content = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(webhook_key(secret), content, hashlib.sha256)).decode()


def _body(parcel: Parcel) -> bytes:
    event = {
        "type": "reminder.fired",
        "timestamp": _written(parcel.fired_at),
        "data": {
            "notification_id": str(parcel.notification_id),
            "task_id": str(parcel.task_id),
            "reminder_id": str(parcel.reminder_id),
            "title": parcel.title,
            "text": parcel.message.text,
            "fire_at": _written(parcel.fire_at),
            "url": parcel.url,
        },
    }
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def _written(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
