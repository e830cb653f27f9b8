"""Web Push (RFC 8030): encrypted for the browser (RFC 8291), with the sender's identity (RFC 8292)."""

import datetime as dt
import json

from shared import base64url, vapid
from shared.channel_inputs import PushKeys, WebPushConfig
from shared.one_line import clipped, one_line
from shared.sending import Gateway, Outcome, Parcel, by_status

_A_DAY = 86_400  # seconds that a push service keeps it for a browser that is off
# A push service has to take 4,096 bytes (RFC 8030, section 7.2), of which the encryption uses 103. With these lengths
# in characters of at most 4 bytes, and a PUBLIC_URL of 500, the payload stays below 3,000.
_TITLE, _BODY = 150, 300
_NO_LONGER_THERE = frozenset({404, 410})  # RFC 8030, section 7.3


async def send_web_push(
    gateway: Gateway, private_key: str, subject: str, config: WebPushConfig, parcel: Parcel, now: dt.datetime
) -> Outcome:
    """Send one push. The caller has made sure that the endpoint is public."""
    headers = {
        "authorization": vapid.authorization(private_key, subject, config.endpoint, now),
        "content-encoding": "aes128gcm",
        "content-type": "application/octet-stream",
        "ttl": str(_A_DAY),
        "urgency": "high",
        # One that still waits is replaced by its repetition (RFC 8030, section 5.4): 32 characters at most.
        "topic": parcel.notification_id.hex,
    }
    reply = await gateway.invoke(config.endpoint, _encrypted(payload(parcel), config.keys), headers)
    return by_status(reply, now, _NO_LONGER_THERE, "The push service")


def payload(parcel: Parcel) -> bytes:
    """Return what the service worker shows, as JSON. The `tag` lets a repetition replace the first on the screen."""
    shown = {
        "notification_id": str(parcel.notification_id),
        "task_id": str(parcel.task_id),
        "title": clipped(one_line(parcel.title), _TITLE),
        "body": clipped(parcel.message.text, _BODY),
        "url": parcel.url,
        "tag": str(parcel.notification_id),
    }
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode()


def _encrypted(content: bytes, keys: PushKeys) -> bytes:
    """Return one aes128gcm record (RFC 8188) that only the browser reads, with a key pair of its own."""
    import http_ece
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

    sender = generate_private_key(SECP256R1())
    encrypted: bytes = http_ece.encrypt(
        content,
        private_key=sender,
        dh=base64url.decode(keys.p256dh),
        auth_secret=base64url.decode(keys.auth),
        version="aes128gcm",
    )
    return encrypted
