"""Voluntary Application Server Identification (RFC 8292): who sends a push, told to the push service.

jwt and cryptography are imported inside: only a push needs them.
"""

import datetime as dt
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from shared import base64url

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

_VALID_FOR = dt.timedelta(hours=12)  # at most 24 (section 2)
_DEFAULT_PORTS = {"https": 443, "http": 80}


def private_key(text: str) -> "EllipticCurvePrivateKey":
    """Return the P-256 key of PEM, or of 32 bytes as base64url. Raises `ValueError`, which does not repeat it."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, derive_private_key
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        if "BEGIN" not in text and len(raw := base64url.decode(text)) == 32:
            return derive_private_key(int.from_bytes(raw), SECP256R1())
        key = load_pem_private_key(text.encode(), None)
        if isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP256R1):
            return key
    except (ValueError, TypeError, UnsupportedAlgorithm):
        pass  # said below for every wrong form alike
    raise ValueError("must be a P-256 private key: 32 bytes as base64url, or PEM without a password")


def new_private_key() -> str:
    """Return a new key: 32 bytes as base64url."""
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

    number = generate_private_key(SECP256R1()).private_numbers().private_value
    return base64url.encode(number.to_bytes(32))


def public_key(private: str) -> str:
    """Return the `applicationServerKey` that browsers subscribe with: 65 bytes as base64url."""
    return _public(private_key(private))


def authorization(private: str, subject: str, endpoint: str, now: dt.datetime) -> str:
    """Return the Authorization header of a push to the endpoint (section 3)."""
    import jwt

    key = private_key(private)
    claims = {"aud": _origin(endpoint), "exp": int((now + _VALID_FOR).timestamp()), "sub": subject}
    return f"vapid t={jwt.encode(claims, key, algorithm='ES256')}, k={_public(key)}"


def _public(key: "EllipticCurvePrivateKey") -> str:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64url.encode(point)


def _origin(url: str) -> str:
    """Return the origin in its ASCII form (RFC 6454, section 6.2): without the scheme's own port."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = "" if parts.port in {None, _DEFAULT_PORTS[parts.scheme]} else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"
