"""Firebase Cloud Messaging, HTTP v1 API, through Dapr's binding `fcm` (bindings.http to fcm.googleapis.com)."""

import datetime as dt
import json
from typing import Any
from urllib.parse import urlencode

from pydantic import JsonValue

from shared.channel_inputs import FcmConfig
from shared.one_line import clipped, one_line
from shared.outputs import Reply
from shared.sender_settings import ServiceAccount
from shared.sending import Gateway, Outcome, Parcel, Verdict, by_status

_SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"  # RFC 7523, section 2.1
_AN_HOUR = 3_600  # seconds: the longest that Google takes, and the life of its tokens
_MARGIN = dt.timedelta(minutes=5)
_A_DAY = 86_400
_TITLE, _BODY = 150, 300  # characters; FCM takes 4,096 bytes

# The access tokens of this process, with the instant from which each is fetched anew.
_tokens: dict[ServiceAccount, tuple[str, dt.datetime]] = {}


async def send_fcm(
    gateway: Gateway, account: ServiceAccount, config: FcmConfig, parcel: Parcel, now: dt.datetime
) -> Outcome:
    """Send one message to the app with the token."""
    token = await _access_token(gateway, account, now)
    if isinstance(token, Outcome):
        return token
    metadata = {
        "path": f"/v1/projects/{account.project_id}/messages:send",
        "Authorization": f"Bearer {token}",
        "errorIfNot2XX": "false",
    }
    reply = await gateway.bind("fcm", "post", {"message": message(config.token, parcel)}, metadata)
    if reply.status == 401:
        _tokens.pop(account, None)
    return classified(reply, now)


def message(token: str, parcel: Parcel) -> dict[str, JsonValue]:
    """Return the Message resource. Its keys make a repetition replace the first: waiting, and on the screen."""
    key = parcel.notification_id.hex
    data: dict[str, JsonValue] = {"notification_id": str(parcel.notification_id), "task_id": str(parcel.task_id)}
    web: dict[str, JsonValue] = {
        "headers": {"TTL": str(_A_DAY), "Urgency": "high", "Topic": key},
        "notification": {"tag": key},
    }
    if parcel.url:
        data["url"] = parcel.url
    if parcel.url and parcel.url.startswith("https:"):
        web["fcm_options"] = {"link": parcel.url}
    return {
        "token": token,
        "notification": {
            "title": clipped(one_line(parcel.title), _TITLE),
            "body": clipped(parcel.message.text, _BODY),
        },
        "data": data,
        "android": {"priority": "HIGH", "ttl": f"{_A_DAY}s", "collapse_key": key, "notification": {"tag": key}},
        "apns": {
            "headers": {"apns-collapse-id": key, "apns-priority": "10"},
            "payload": {"aps": {"sound": "default"}},
        },
        "webpush": web,
    }


def classified(reply: Reply, now: dt.datetime) -> Outcome:
    """Return what FCM's answer means (FCM, REST v1, ErrorCode)."""
    error = _json(reply.body).get("error")
    error = error if isinstance(error, dict) else {}
    details = [detail for detail in error.get("details") or [] if isinstance(detail, dict)]
    codes = {str(detail.get("errorCode")) for detail in details}
    if codes & {"UNREGISTERED", "SENDER_ID_MISMATCH"} or (reply.status == 400 and _about_the_token(error, details)):
        return Outcome(Verdict.GONE, "FCM knows no app with this token")
    # A project, a role or an APNs key that is wrong: the operator's, and no fault of the message.
    if reply.status in {401, 403, 404}:
        return Outcome(Verdict.LATER, f"FCM does not take this installation's account ({reply.status})")
    return by_status(reply, now, frozenset(), "FCM")


def _about_the_token(error: dict[str, Any], details: list[dict[str, Any]]) -> bool:
    """Tell whether the invalid argument is the token: named as a field, or only in the message."""
    violations = [one for detail in details for one in detail.get("fieldViolations") or [] if isinstance(one, dict)]
    if violations:
        return any(one.get("field") == "message.token" for one in violations)
    return "registration token" in str(error.get("message"))


async def _access_token(gateway: Gateway, account: ServiceAccount, now: dt.datetime) -> str | Outcome:
    """Return a token that is valid for some minutes; an outcome when there is none."""
    known = _tokens.get(account)
    if known is not None and now < known[1]:
        return known[0]
    form = urlencode({"grant_type": _GRANT, "assertion": _assertion(account, now)}).encode()
    reply = await gateway.invoke(account.token_uri, form, {"content-type": "application/x-www-form-urlencoded"})
    answer = _json(reply.body)
    token, lives = answer.get("access_token"), answer.get("expires_in")
    if reply.status != 200 or not isinstance(token, str) or not isinstance(lives, int):
        return Outcome(Verdict.LATER, f"Google gives no access token for this installation ({reply.status})")
    _tokens[account] = token, now + dt.timedelta(seconds=min(lives, _AN_HOUR)) - _MARGIN
    return token


def _assertion(account: ServiceAccount, now: dt.datetime) -> str:
    """Return the signed claim that is exchanged for a token (RFC 7523, section 3)."""
    import jwt

    issued = int(now.timestamp())
    claims = {
        "iss": account.client_email,
        "scope": _SCOPE,
        "aud": account.token_uri,
        "iat": issued,
        "exp": issued + _AN_HOUR,
    }
    return jwt.encode(claims, account.private_key, algorithm="RS256")


def _json(body: bytes) -> dict[str, Any]:
    """Return the object; an empty one for anything else, such as the HTML page of a proxy."""
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
