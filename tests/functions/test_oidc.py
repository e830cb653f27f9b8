"""Tokens of an OIDC issuer: what is taken, what is refused, and how its keys are fetched."""

import asyncio
import hmac
import json
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import httpx
import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jwt.algorithms import RSAAlgorithm

from shared.errors import BackendAway, Unauthenticated
from shared.identity import Caller, Identity, StoredToken
from tests.issuer import ABSENT, URL, Issuer, encoded, jwk, private_key, public_pem

BOTH = frozenset({"read", "write"})


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


async def refused(issuer: Issuer, token: str) -> str:
    with pytest.raises(Unauthenticated) as refusal:
        await issuer.oidc().caller(token)
    assert refusal.value.__cause__ is None
    assert not any(part and part in str(refusal.value) for part in token.split("."))
    return str(refusal.value)


async def test_a_valid_token_names_its_subject_with_both_scopes(issuer: Issuer) -> None:
    assert Caller("alice", BOTH) == await issuer.oidc().caller(issuer.token())


class NoTokens:
    """No personal access token at all."""

    async def note_use(self, digest: bytes, now: datetime, before: datetime) -> None:
        """Never called."""

    async def find(self, digest: bytes) -> StoredToken | None:  # noqa: ARG002 - the protocol names it
        """Find nothing."""
        return None


async def test_the_authorization_header_takes_a_token_of_the_issuer(issuer: Issuer) -> None:
    identity = Identity(NoTokens(), issuer.oidc(), issuer.clock)
    assert Caller("alice", BOTH) == await identity.caller(f"Bearer {issuer.token()}")
    with pytest.raises(Unauthenticated, match="no kind"):
        await identity.caller("Bearer opaque")


# Time


async def test_a_token_is_taken_until_its_expiry_plus_a_minute(issuer: Issuer) -> None:
    token, oidc = issuer.token(), issuer.oidc()
    issuer.clock.move(seconds=359.9)
    assert (await oidc.caller(token)).user_id == "alice"
    issuer.clock.move(seconds=0.1)
    with pytest.raises(Unauthenticated, match="expired"):
        await oidc.caller(token)


@pytest.mark.parametrize("claim", ["nbf", "iat"])
async def test_a_token_is_taken_from_a_minute_before_it_becomes_valid(issuer: Issuer, claim: str) -> None:
    now = issuer.clock.now().timestamp()
    assert (await issuer.oidc().caller(issuer.token(**{claim: now + 60}))).user_id == "alice"
    assert claim in await refused(issuer, issuer.token(**{claim: now + 60.5}))


@pytest.mark.parametrize("claim", ["exp", "nbf", "iat"])
@pytest.mark.parametrize("value", ["1772366700", None, True, [], {}, -1, 10**400, float("nan"), float("inf")], ids=repr)
async def test_times_are_numbers_of_seconds(issuer: Issuer, claim: str, value: object) -> None:
    await refused(issuer, issuer.token(**{claim: value}))


@pytest.mark.parametrize("year", [2001, 2100])
async def test_the_given_clock_decides_and_not_the_machines(issuer: Issuer, year: int) -> None:
    issuer.clock.instant = datetime(year, 1, 1, tzinfo=UTC)
    token = issuer.token(nbf=issuer.clock.now().timestamp())
    assert (await issuer.oidc().caller(token)).user_id == "alice"


# Claims


@pytest.mark.parametrize("claim", ["iss", "aud", "exp", "sub"])
async def test_issuer_audience_expiry_and_subject_are_required(issuer: Issuer, claim: str) -> None:
    await refused(issuer, issuer.token(**{claim: ABSENT}))


@pytest.mark.parametrize("audience", ["other", "ebb2", "EBB", "", [], ["other"], ["ebb", 1], {"ebb": 1}, 7])
async def test_a_token_for_another_audience_is_refused(issuer: Issuer, audience: object) -> None:
    await refused(issuer, issuer.token(aud=audience))


async def test_one_audience_among_several_is_enough(issuer: Issuer) -> None:
    assert (await issuer.oidc().caller(issuer.token(aud=["other", "ebb"]))).user_id == "alice"


@pytest.mark.parametrize("name", ["https://other.test", f"{URL}/", URL.upper(), "", None, [URL]])
async def test_a_token_of_another_issuer_is_refused(issuer: Issuer, name: object) -> None:
    await refused(issuer, issuer.token(iss=name))


@pytest.mark.parametrize("subject", ["", "a" * 256, "a\x00b", "\ud800", None, 7, ["alice"]], ids=repr)
async def test_a_subject_that_cannot_be_stored_is_refused(issuer: Issuer, subject: object) -> None:
    await refused(issuer, issuer.token(sub=subject))


async def test_a_subject_of_255_characters_is_taken(issuer: Issuer) -> None:
    subject = "auth0|" + "ü" * 249
    assert subject == (await issuer.oidc().caller(issuer.token(sub=subject))).user_id


@pytest.mark.parametrize(
    ("scope", "scopes"),
    [
        ("ebb:read", {"read"}),
        ("openid ebb:write", {"write"}),
        ("ebb:write ebb:read", BOTH),
        ("openid profile", BOTH),
        ("", BOTH),
        ("ebb:reader", BOTH),
        ("ebb:admin", {"admin"}),
        ("ebb:read ebb:write ebb:admin", BOTH | {"admin"}),
    ],
)
async def test_scopes_are_those_named_and_never_admin_when_none_is(
    issuer: Issuer, scope: str, scopes: set[str]
) -> None:
    assert scopes == (await issuer.oidc().caller(issuer.token(scope=scope))).scopes


@pytest.mark.parametrize(
    "claims", [{"scope": ["ebb:read"]}, {"scp": "ebb:read openid"}, {"scp": ["ebb:read"]}], ids=str
)
async def test_scopes_may_be_a_list_or_have_the_name_that_some_issuers_give_them(
    issuer: Issuer, claims: dict[str, Any]
) -> None:
    assert {"read"} == (await issuer.oidc().caller(issuer.token(**claims))).scopes


@pytest.mark.parametrize("scope", [7, None, True, {"ebb:read": 1}, ["ebb:read", 7]], ids=str)
async def test_a_scope_that_is_not_text_does_not_widen_to_all(issuer: Issuer, scope: object) -> None:
    assert "scope" in await refused(issuer, issuer.token(scope=scope))


# Algorithms and signatures (RFC 8725, section 2.1)


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "", None, ["RS256"], "rs256", "RS256 "])
async def test_an_unsigned_token_is_refused_before_any_key_is_fetched(issuer: Issuer, alg: object) -> None:
    header = encoded({"alg": alg, "kid": "first"})
    await refused(issuer, f"{header}.{encoded(issuer.claims())}.")
    assert issuer.fetches == 0


def public_forms(name: str) -> list[bytes]:
    """Return what anybody can download, in the forms a careless verifier would take for an HMAC secret."""
    pem, key = public_pem(name), jwk(name)
    key_set = {"keys": [key]}
    return [pem, pem.strip(), json.dumps(key_set).encode(), json.dumps(key).encode(), key["n"].encode()]


async def test_an_hmac_with_the_public_key_as_secret_is_refused(issuer: Issuer) -> None:
    signed = f"{encoded({'alg': 'HS256', 'kid': 'first'})}.{encoded(issuer.claims())}"
    for secret in public_forms("first"):
        mac = hmac.digest(secret, signed.encode(), "sha256")
        assert "RS256" in await refused(issuer, f"{signed}.{encoded(mac)}")
    assert issuer.fetches == 0


@pytest.mark.parametrize("alg", ["RS384", "RS512", "PS256"])
async def test_other_signatures_by_the_right_key_are_refused(issuer: Issuer, alg: str) -> None:
    token = jwt.encode(issuer.claims(), private_key("first"), alg, headers={"kid": "first"})
    assert "RS256" in await refused(issuer, token)


async def test_a_signature_by_another_key_is_refused(issuer: Issuer) -> None:
    assert "InvalidSignature" in await refused(issuer, issuer.token("stranger", {"kid": "first"}))


async def test_a_tampered_payload_is_refused(issuer: Issuer) -> None:
    header, _, signature = issuer.token().split(".")
    await refused(issuer, f"{header}.{encoded(issuer.claims(sub='bob'))}.{signature}")


async def test_a_token_without_its_signature_is_refused(issuer: Issuer) -> None:
    await refused(issuer, issuer.token().rpartition(".")[0] + ".")


async def test_keys_and_addresses_in_the_header_are_ignored(issuer: Issuer) -> None:
    offered = {"jwk": jwk("stranger"), "jku": "https://evil.test/keys", "x5u": "https://evil.test/x"}
    await refused(issuer, issuer.token("stranger", offered))
    await refused(issuer, issuer.token("stranger", offered | {"kid": "first"}))
    assert (await issuer.oidc().caller(issuer.token("first", offered))).user_id == "alice"


async def test_an_extension_the_token_calls_critical_is_refused(issuer: Issuer) -> None:
    header = {"alg": "RS256", "kid": "first", "crit": ["secret-extension"], "secret-extension": 1}
    message = await refused(issuer, f"{encoded(header)}.{encoded(issuer.claims())}.{encoded(b'0' * 256)}")
    assert "secret-extension" not in message


# Garbage

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text() | st.integers(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
HEADERS = st.fixed_dictionaries(
    {"alg": st.just("RS256") | JSON}, optional={"kid": st.just("first") | JSON, "crit": JSON, "b64": JSON}
)


def parts(values: st.SearchStrategy[Any]) -> st.SearchStrategy[str]:
    return values.map(encoded) | st.binary().map(encoded) | st.text()


TOKENS = st.tuples(parts(HEADERS | JSON), parts(JSON), parts(st.binary())).map(".".join)


@given(st.text() | TOKENS)
async def test_garbage_is_refused_as_unauthenticated(token: str) -> None:
    with pytest.raises(Unauthenticated):
        await Issuer().oidc().caller(token)


async def test_a_lone_surrogate_is_refused_as_unauthenticated(issuer: Issuer) -> None:
    await refused(issuer, "\ud800." + issuer.token())


@given(JSON)
async def test_signed_garbage_is_refused_as_unauthenticated(payload: object) -> None:
    signed = jwt.PyJWS().encode(json.dumps(payload).encode(), private_key("first"), "RS256", {"kid": "first"})
    with pytest.raises(Unauthenticated):
        await Issuer().oidc().caller(signed)


@pytest.mark.parametrize("raw", [b"[" * 3000, b'{"a":' * 1500, b"9" * 5000, b"\xff", b""], ids=len)
async def test_json_that_breaks_parsers_is_refused(issuer: Issuer, raw: bytes) -> None:
    await refused(issuer, f"{encoded(raw)}.{encoded(issuer.claims())}.{encoded(b'x')}")
    await refused(issuer, jwt.PyJWS().encode(raw, private_key("first"), "RS256", {"kid": "first"}))


# Keys


async def test_keys_are_fetched_with_the_first_token_and_kept_for_five_minutes(issuer: Issuer) -> None:
    oidc = issuer.oidc()
    assert issuer.fetches == 0
    for minutes, fetches in ((0, 1), (4.9, 1), (0.1, 2)):
        issuer.clock.move(minutes=minutes)
        await oidc.caller(issuer.token())
        assert fetches == issuer.fetches


async def test_a_rotated_key_is_fetched_when_its_first_token_arrives(issuer: Issuer) -> None:
    oidc = issuer.oidc()
    await oidc.caller(issuer.token())
    issuer.keys = [jwk("second")]
    issuer.clock.move(seconds=10)
    assert (await oidc.caller(issuer.token("second"))).user_id == "alice"
    with pytest.raises(Unauthenticated, match="unknown"):
        await oidc.caller(issuer.token("first"))


async def test_unknown_key_ids_fetch_at_most_once_in_ten_seconds(issuer: Issuer) -> None:
    oidc = issuer.oidc()
    for seconds, fetches in ((0, 1), (9.9, 1), (0.1, 2), (0, 2)):
        issuer.clock.move(seconds=seconds)
        with pytest.raises(Unauthenticated):
            await oidc.caller(issuer.token("stranger"))
        assert fetches == issuer.fetches


async def test_callers_at_the_same_moment_share_one_fetch(issuer: Issuer) -> None:
    oidc = issuer.oidc()
    callers = await asyncio.gather(*(oidc.caller(issuer.token(sub=f"user-{n}")) for n in range(20)))
    assert {f"user-{n}" for n in range(20)} == {caller.user_id for caller in callers}
    assert issuer.fetches == 1


async def test_a_caller_who_hangs_up_does_not_end_the_fetch_of_the_others(issuer: Issuer) -> None:
    oidc = issuer.oidc()
    first = asyncio.create_task(oidc.caller(issuer.token()))
    second = asyncio.create_task(oidc.caller(issuer.token()))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).user_id == "alice"
    assert first.cancelled()
    assert issuer.fetches == 1


@pytest.mark.parametrize(
    "changes",
    [{"kty": "EC"}, {"use": "enc"}, {"alg": "RS512"}, {"alg": "HS256"}, {"n": None}, {"n": "!"}, {"e": "Ag"}],
    ids=str,
)
async def test_keys_not_meant_for_rs256_are_ignored_and_harm_no_others(issuer: Issuer, changes: dict[str, Any]) -> None:
    issuer.keys = [jwk("stranger", **changes), None, {}, jwk("second", kid=[]), jwk("first")]
    assert "unknown" in await refused(issuer, issuer.token("stranger"))
    assert (await issuer.oidc().caller(issuer.token())).user_id == "alice"


async def test_a_key_without_use_and_algorithm_may_verify_rs256(issuer: Issuer) -> None:
    issuer.keys = [{name: value for name, value in jwk("first").items() if name not in {"use", "alg"}}]
    assert (await issuer.oidc().caller(issuer.token())).user_id == "alice"


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
async def test_a_key_shorter_than_2048_bits_is_ignored(issuer: Issuer) -> None:
    weak = private_key("weak", 1024)
    issuer.keys = [RSAAlgorithm.to_jwk(weak.public_key(), as_dict=True) | {"kid": "weak"}]
    assert "unknown" in await refused(issuer, jwt.encode(issuer.claims(), weak, "RS256", {"kid": "weak"}))


async def test_a_token_without_key_id_needs_an_issuer_with_a_single_key(issuer: Issuer) -> None:
    token = issuer.token("first", {"kid": ABSENT})
    assert (await issuer.oidc().caller(token)).user_id == "alice"
    issuer.keys = [jwk("first"), jwk("second")]
    assert "unknown" in await refused(issuer, token)


# Outages

OUTAGES = [httpx.ConnectError("refused"), httpx.ReadTimeout("slow"), TimeoutError(), 500, 503, 302, 404, "<html>"]


@pytest.mark.parametrize("outage", OUTAGES, ids=repr)
async def test_an_issuer_that_is_away_is_our_problem_and_not_the_callers(
    issuer: Issuer, outage: Exception | int | str
) -> None:
    oidc, issuer.outage = issuer.oidc(), outage
    with pytest.raises(BackendAway):
        await oidc.caller(issuer.token())
    issuer.outage = None
    issuer.clock.move(seconds=1)
    assert (await oidc.caller(issuer.token())).user_id == "alice"


async def test_an_issuer_that_nobody_has_reached_yet_is_asked_once_a_second(issuer: Issuer) -> None:
    oidc, issuer.discovery = issuer.oidc(), []
    for _ in range(20):
        with pytest.raises(BackendAway):
            await oidc.caller(issuer.token())
        issuer.clock.move(seconds=0.25)
    assert 5 == issuer.asked


@pytest.mark.parametrize("outage", OUTAGES, ids=repr)
async def test_known_keys_outlive_an_outage_and_unknown_ones_wait(
    issuer: Issuer, outage: Exception | int | str
) -> None:
    oidc = issuer.oidc()
    await oidc.caller(issuer.token())
    issuer.outage = outage
    issuer.clock.move(hours=5)
    assert (await oidc.caller(issuer.token())).user_id == "alice"
    with pytest.raises(BackendAway):
        await oidc.caller(issuer.token("second"))


async def test_an_outage_is_tried_again_after_ten_seconds_and_then_forgotten(issuer: Issuer) -> None:
    oidc = issuer.oidc()
    await oidc.caller(issuer.token())
    issuer.clock.move(minutes=5)
    issuer.outage = 503
    await oidc.caller(issuer.token())
    issuer.outage = None
    for seconds, fetches in ((9.9, 1), (0.1, 2), (60, 2)):
        issuer.clock.move(seconds=seconds)
        await oidc.caller(issuer.token())
        assert fetches == issuer.fetches
    with pytest.raises(Unauthenticated, match="unknown"):
        await oidc.caller(issuer.token("stranger"))


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": "https://other.test", "jwks_uri": f"{URL}/keys"},
        {"issuer": f"{URL}/", "jwks_uri": f"{URL}/keys"},
        {"jwks_uri": f"{URL}/keys"},
        {"issuer": URL},
        {"issuer": URL, "jwks_uri": "http://issuer.test/keys"},
        {"issuer": URL, "jwks_uri": "https://[:::"},
        [],
    ],
    ids=str,
)
async def test_discovery_must_name_this_issuer_and_safe_keys(issuer: Issuer, discovery: object) -> None:
    issuer.discovery = discovery
    with pytest.raises(BackendAway):
        await issuer.oidc().caller(issuer.token())
    assert issuer.fetches == 0


async def test_a_key_set_without_a_list_of_keys_counts_as_an_outage(issuer: Issuer) -> None:
    issuer.keys = None  # type: ignore[assignment]
    with pytest.raises(BackendAway):
        await issuer.oidc().caller(issuer.token())


async def test_an_issuer_whose_name_ends_in_a_slash_is_found(issuer: Issuer) -> None:
    issuer.discovery = {"issuer": f"{URL}/", "jwks_uri": f"{URL}/keys"}
    caller = await issuer.oidc(f"{URL}/").caller(issuer.token(iss=f"{URL}/"))
    assert caller.user_id == "alice"


def test_importing_the_modules_loads_neither_jwt_nor_cryptography_nor_httpx() -> None:
    code = "import sys, shared.identity, shared.oidc; print({'jwt', 'cryptography', 'httpx'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
