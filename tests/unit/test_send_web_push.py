"""Web Push as a browser and its push service get it: readable for the one, provably ours for the other."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import http_ece
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from shared import base64url, vapid
from shared.channel_inputs import PushKeys, WebPushConfig
from shared.outputs import Reply
from shared.send_web_push import payload, send_web_push
from shared.sending import Outcome, Verdict
from shared.wording import Message
from tests.gateway import NOW, PARCEL, Call, RecordingGateway

# The application server's key of RFC 8292, section 2.4, is not given there; this one is RFC 8291's, appendix A.
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
SENDER_PUBLIC = "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"
BROWSER = generate_private_key(SECP256R1())
SECRET = bytes(range(16))
POINT = BROWSER.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
CONFIG = WebPushConfig(
    endpoint="https://push.example.org/send/abc?x=1",
    keys=PushKeys(p256dh=base64url.encode(POINT), auth=base64url.encode(SECRET)),
)


async def sent(reply: Reply | None = None, config: WebPushConfig = CONFIG) -> tuple[Outcome, Call]:
    gateway = RecordingGateway([reply or Reply(201)])
    outcome = await send_web_push(gateway, SENDER, "mailto:ops@example.org", config, PARCEL, NOW)
    return outcome, gateway.calls[0]


def claims(header: str) -> dict[str, Any]:
    """Return the claims of an Authorization header, verified as a push service does."""
    scheme, token, key = header.replace(",", "").split(" ")
    assert ("vapid", "t=", "k=") == (scheme, token[:2], key[:2])
    public = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), base64url.decode(key[2:]))
    options: Any = {"verify_exp": False}
    found: dict[str, Any] = jwt.decode(
        token[2:], public, algorithms=["ES256"], audience="https://push.example.org", options=options
    )
    return found


async def test_the_browser_reads_what_it_shows() -> None:
    _, call = await sent()
    content = http_ece.decrypt(call.sent, private_key=BROWSER, auth_secret=SECRET, version="aes128gcm")
    assert {
        "notification_id": str(PARCEL.notification_id),
        "task_id": str(PARCEL.task_id),
        "title": "Pay rent",
        "body": "Due: Thursday",
        "url": "https://ebb.example.org/tasks/3",
        "tag": str(PARCEL.notification_id),
    } == json.loads(content)


def test_the_decryption_of_this_test_reads_the_example_of_rfc_8291() -> None:
    body = (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
        "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )
    receiver = vapid.private_key("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94")
    secret = base64url.decode("BTBZMqHH6r4Tts7J_aSIgg")
    content = http_ece.decrypt(base64url.decode(body), private_key=receiver, auth_secret=secret, version="aes128gcm")
    assert b"When I grow up, I want to be a watermelon" == content


async def test_the_push_service_learns_who_sends_for_twelve_hours() -> None:
    _, call = await sent()
    expected = {"aud": "https://push.example.org", "sub": "mailto:ops@example.org"}
    expires = int((NOW + timedelta(hours=12)).timestamp())
    assert expected | {"exp": expires} == claims(call.how["authorization"])
    assert call.how["authorization"].endswith(f"k={SENDER_PUBLIC}")


async def test_a_push_waits_a_day_and_replaces_its_repetition() -> None:
    _, call = await sent()
    wanted = ("https://push.example.org/send/abc?x=1", "86400", "high", PARCEL.notification_id.hex, "aes128gcm")
    assert wanted == (call.where, *(call.how[name] for name in ("ttl", "urgency", "topic", "content-encoding")))
    assert len(call.how["topic"]) <= 32


async def test_no_two_pushes_use_the_same_key() -> None:
    first, second = (await sent())[1].sent, (await sent())[1].sent
    assert first[:16] != second[:16]
    assert first[21:86] != second[21:86]


@pytest.mark.parametrize(
    ("endpoint", "origin"),
    [
        ("https://Push.Example.org:443/a", "https://push.example.org"),
        ("https://push.example.org:8443/a", "https://push.example.org:8443"),
        ("http://127.0.0.1:80/a", "http://127.0.0.1"),
        ("https://[2606::1]:8443/a", "https://[2606::1]:8443"),
    ],
)
def test_the_audience_is_the_origin_of_the_endpoint(endpoint: str, origin: str) -> None:
    token = vapid.authorization(SENDER, "mailto:a@example.org", endpoint, NOW).split("t=")[1].split(",")[0]
    assert origin == jwt.decode(token, options={"verify_signature": False})["aud"]


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        *((status, Verdict.SENT) for status in (200, 201, 202, 204)),
        *((status, Verdict.GONE) for status in (404, 410)),
        *((status, Verdict.REFUSED) for status in (301, 307, 400, 401, 403, 413)),
        *((status, Verdict.LATER) for status in (408, 429, 500, 502, 503)),
    ],
)
async def test_each_status_of_a_push_service_has_its_meaning(status: int, verdict: Verdict) -> None:
    outcome, _ = await sent(Reply(status))
    assert verdict is outcome.verdict
    assert "push.example.org" not in outcome.reason


async def test_a_push_service_may_say_when_to_try_again() -> None:
    outcome, _ = await sent(Reply(429, {"retry-after": "90"}))
    assert Outcome(Verdict.LATER, "The push service answers 429", timedelta(seconds=90)) == outcome


@given(title=st.text(max_size=500), text=st.text(max_size=1_000))
def test_a_payload_has_room_in_every_push_service(title: str, text: str) -> None:
    parcel = replace(PARCEL, title=title, message=Message("s", text, "h"), url="https://" + "a" * 492)
    assert len(payload(parcel)) <= 4_096 - 103


def test_a_payload_of_the_longest_characters_stays_below_3000_bytes() -> None:
    parcel = replace(PARCEL, title="😀" * 500, message=Message("s", "😀" * 500, "h"), url="https://" + "a" * 492)
    assert len(payload(parcel)) <= 3_000


def test_keys_in_pem_and_as_raw_bytes_are_the_same_key() -> None:
    pem = vapid.private_key(SENDER).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    assert SENDER_PUBLIC == vapid.public_key(SENDER) == vapid.public_key(pem) == vapid.public_key(SENDER + "=")
