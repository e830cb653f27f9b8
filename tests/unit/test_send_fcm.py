"""FCM: the exchange for an access token, the message, and what each answer means."""

import json
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from shared.channel_inputs import FcmConfig
from shared.outputs import Reply
from shared.send_fcm import classified, message, send_fcm
from shared.sender_settings import ServiceAccount
from shared.sending import SENT, Outcome, Verdict
from tests.gateway import NOW, PARCEL, RecordingGateway

TOKEN_URI = "https://oauth2.example.org/token"
LATER, REFUSED, GONE = Verdict.LATER, Verdict.REFUSED, Verdict.GONE
CONFIG = FcmConfig(token="abc:def")


@cache
def key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


def account() -> ServiceAccount:
    """Return an account that no other test has used: tokens are kept for each."""
    pem = key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return ServiceAccount(
        project_id="ebb-1", client_email=f"{uuid4()}@example.org", private_key=pem, token_uri=TOKEN_URI
    )


def granted(token: str, seconds: int = 3_599) -> Reply:
    return Reply(200, body=json.dumps({"access_token": token, "expires_in": seconds, "token_type": "Bearer"}).encode())


def fcm_error(status: int, text: str = "", *details: dict[str, Any]) -> Reply:
    return Reply(status, body=json.dumps({"error": {"code": status, "message": text, "details": details}}).encode())


async def test_a_signed_claim_is_exchanged_for_the_token_that_sends() -> None:
    gateway, sender = RecordingGateway([granted("t1"), Reply(200)]), account()
    assert SENT == await send_fcm(gateway, sender, CONFIG, PARCEL, NOW)
    exchange, post = gateway.calls
    form = parse_qs(exchange.sent.decode())
    assert (TOKEN_URI, ["urn:ietf:params:oauth:grant-type:jwt-bearer"]) == (exchange.where, form["grant_type"])
    options: Any = {"verify_exp": False, "verify_iat": False}
    claims = jwt.decode(
        form["assertion"][0], key().public_key(), algorithms=["RS256"], audience=TOKEN_URI, options=options
    )
    issued = int(NOW.timestamp())
    assert (sender.client_email, issued, issued + 3_600) == (claims["iss"], claims["iat"], claims["exp"])
    assert {
        "path": "/v1/projects/ebb-1/messages:send",
        "Authorization": "Bearer t1",
        "errorIfNot2XX": "false",
    } == post.how
    assert ("fcm post", {"message": message("abc:def", PARCEL)}) == (post.where, post.sent)


async def test_a_token_is_used_until_shortly_before_it_expires() -> None:
    gateway, sender = RecordingGateway([granted("t1"), Reply(200), Reply(200), granted("t2"), Reply(200)]), account()
    for minutes in (0, 54, 55):
        await send_fcm(gateway, sender, CONFIG, PARCEL, NOW + timedelta(minutes=minutes))
    used = [call.how["Authorization"] for call in gateway.calls if call.where == "fcm post"]
    assert ["Bearer t1", "Bearer t1", "Bearer t2"] == used


async def test_a_token_that_fcm_refuses_is_not_used_again() -> None:
    gateway, sender = RecordingGateway([granted("t1"), Reply(401), granted("t2"), Reply(200)]), account()
    first = await send_fcm(gateway, sender, CONFIG, PARCEL, NOW)
    assert (LATER, SENT) == (first.verdict, await send_fcm(gateway, sender, CONFIG, PARCEL, NOW))
    assert "Bearer t2" == gateway.calls[-1].how["Authorization"]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, b'{"error": "invalid_grant"}'),
        (503, b""),
        (502, b'{"access_token": "t", "expires_in": 3599}'),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b'{"access_token": 1, "expires_in": 3599}'),
        (200, b'{"access_token": "t"}'),
    ],
)
async def test_without_a_token_nothing_is_sent_and_it_is_tried_later(status: int, body: bytes) -> None:
    gateway = RecordingGateway([Reply(status, body=body)])
    outcome = await send_fcm(gateway, account(), CONFIG, PARCEL, NOW)
    assert (LATER, 1) == (outcome.verdict, len(gateway.calls))


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        (Reply(200, body=b"{}"), Verdict.SENT),
        (fcm_error(404, "Requested entity was not found.", {"errorCode": "UNREGISTERED"}), GONE),
        (fcm_error(403, "SenderId mismatch", {"errorCode": "SENDER_ID_MISMATCH"}), GONE),
        (fcm_error(400, "Invalid.", {"fieldViolations": [{"field": "message.token"}]}), GONE),
        (fcm_error(400, "The registration token is not a valid FCM registration token"), GONE),
        (fcm_error(400, "Invalid.", {"fieldViolations": [{"field": "message.data[0].value"}]}), REFUSED),
        (fcm_error(400, "Request contains an invalid argument.", {"errorCode": "INVALID_ARGUMENT"}), REFUSED),
        (fcm_error(401, "Auth error from APNS", {"errorCode": "THIRD_PARTY_AUTH_ERROR"}), LATER),
        (fcm_error(403, "Permission denied"), LATER),
        (fcm_error(404, "The project does not exist"), LATER),
        (fcm_error(429, "Quota", {"errorCode": "QUOTA_EXCEEDED"}), LATER),
        (fcm_error(500, "Internal", {"errorCode": "INTERNAL"}), LATER),
        (Reply(502, body=b"<!DOCTYPE html>"), LATER),
        (Reply(400, body=b'{"error": "text"}'), REFUSED),
        (Reply(413), REFUSED),
    ],
)
def test_each_answer_of_fcm_has_its_meaning(reply: Reply, verdict: Verdict) -> None:
    assert verdict is classified(reply, NOW).verdict


def test_fcm_may_say_when_to_try_again() -> None:
    pause = timedelta(seconds=60)
    assert Outcome(LATER, "FCM answers 503", pause) == classified(Reply(503, {"retry-after": "60"}), NOW)


def test_a_repetition_replaces_the_first_on_every_platform() -> None:
    resource: Any = message("abc:def", PARCEL)
    key_of = PARCEL.notification_id.hex
    assert {key_of} == {
        resource["android"]["collapse_key"],
        resource["android"]["notification"]["tag"],
        resource["apns"]["headers"]["apns-collapse-id"],
        resource["webpush"]["headers"]["Topic"],
        resource["webpush"]["notification"]["tag"],
    }


def test_a_link_opens_in_the_browser_only_if_it_is_https() -> None:
    links = [
        message("t", replace(PARCEL, url=url))["webpush"] for url in ("https://x.example/", "http://x.example/", None)
    ]
    assert [True, False, False] == ["fcm_options" in link for link in links if isinstance(link, dict)]


def test_the_longest_message_has_room() -> None:
    long = replace(
        PARCEL, title="😀" * 500, message=replace(PARCEL.message, text="😀" * 500), url="https://" + "a" * 492
    )
    assert len(json.dumps(message("t", long), ensure_ascii=False).encode()) < 4_096
