"""RS256 tokens of one OIDC issuer (RFC 7519, RFC 8725). Its keys: shared/issuer_keys.py.

jwt, cryptography and httpx are imported when the first such token arrives: no cold start waits for them.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from shared.clock import Clock
from shared.errors import Unauthenticated
from shared.identity import Caller
from shared.issuer_keys import IssuerKeys

if TYPE_CHECKING:
    import httpx
    from jwt import PyJWK


_LEEWAY = 60.0  # seconds by which the clocks of issuer and verifier may differ
_LAST_INSTANT = 253402300799  # 9999-12-31T23:59:59Z
# PostgreSQL stores neither NUL nor lone surrogates, and JSON can spell both.
_SUBJECT = re.compile(r"[^\x00\ud800-\udfff]{1,255}")
_SCOPES = {"ebb:read": "read", "ebb:write": "write", "ebb:admin": "admin"}
# What a token may do that names none of ours. An administrator has to be named as one.
_BY_DEFAULT = frozenset({"read", "write"})


class Oidc:
    """Verifies tokens of one issuer for one audience. `http` makes a client; each fetch closes its own."""

    def __init__(self, issuer: str, audience: str, clock: Clock, http: Callable[[], "httpx.AsyncClient"]) -> None:
        self._issuer, self._audience, self._clock = issuer, audience, clock
        self._keys = IssuerKeys(issuer, clock, http)

    async def caller(self, token: str) -> Caller:
        """Return the subject (`sub`) of a valid token, with its scopes.

        Raises `Unauthenticated` when the token breaks any rule, `BackendAway` when its key cannot be fetched.
        The headers `jwk`, `jku` and `x5u` are not read (RFC 8725, section 3.10): keys come from the issuer.
        """
        key = await self._keys.find(_key_id(token))
        claims = self._verified(token, key)
        _check_times(claims, self._clock.now().timestamp())
        subject = claims.get("sub")
        if not isinstance(subject, str) or not _SUBJECT.fullmatch(subject):
            raise Unauthenticated("The token's sub is not 1 to 255 characters of text")
        return Caller(subject, _scopes(claims))

    def _verified(self, token: str, key: "PyJWK") -> dict[str, Any]:
        import jwt

        try:
            return jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                audience=self._audience,
                issuer=self._issuer,
                # PyJWT would compare these with the machine's clock; `_check_times` uses ours.
                options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},
            )
        except jwt.PyJWTError as error:
            # Only its name: the message and the chain may quote the token.
            raise Unauthenticated(f"The token is refused: {type(error).__name__}") from None


def _key_id(token: str) -> str | None:
    """Return the `kid` of an RS256 token; any other algorithm ends here, before a key is even looked for."""
    import jwt

    if not token.isascii():  # PyJWT encodes first, and a lone surrogate cannot be
        raise Unauthenticated("The token is not ASCII text")
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError as error:
        raise Unauthenticated(f"The token cannot be read: {type(error).__name__}") from None
    if header.get("alg") != "RS256":
        raise Unauthenticated("The token is not signed with RS256")
    return header.get("kid")


def _check_times(claims: dict[str, Any], now: float) -> None:
    """Compare exp, nbf and iat (RFC 7519, sections 4.1.4 to 4.1.6) with `now`; all in seconds since 1970."""
    if _instant(claims, "exp") <= now - _LEEWAY:
        raise Unauthenticated("The token has expired")
    for claim in ("nbf", "iat"):
        if claim in claims and _instant(claims, claim) > now + _LEEWAY:
            raise Unauthenticated(f"The token is not valid yet ({claim})")


def _instant(claims: dict[str, Any], claim: str) -> float:
    value = claims.get(claim)
    # The comparison also refuses NaN and Infinity, which Python's JSON parser lets through.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LAST_INSTANT:
        raise Unauthenticated(f"The token's {claim} is not a number of seconds")
    return float(value)


def _scopes(claims: dict[str, Any]) -> frozenset[str]:
    """Return those of our scopes that `scope` names (RFC 8693, section 4.2), or the default if it names none.

    Some issuers write a list (Spring), or call it `scp` (Entra, Okta).
    """
    scope = claims.get("scope", claims.get("scp", ""))
    words = scope.split(" ") if isinstance(scope, str) else scope
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise Unauthenticated("The token's scope is neither text nor a list of texts")
    named = frozenset(_SCOPES[word] for word in words if word in _SCOPES)
    return named or _BY_DEFAULT
