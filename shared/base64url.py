"""Base64url (RFC 4648, section 5): read with or without padding, written without."""

import base64
import binascii
import re

_ALPHABET = re.compile(r"[A-Za-z0-9_-]*={0,2}")


def decode(text: str) -> bytes:
    """Return the bytes. Raises `ValueError`, also for characters that Python's own decoder would skip."""
    digits = text.rstrip("=")
    try:
        if not _ALPHABET.fullmatch(text):
            raise ValueError("must be base64url text")
        return base64.urlsafe_b64decode(digits + "=" * (-len(digits) % 4))
    except binascii.Error:
        raise ValueError("must be base64url text") from None


def encode(content: bytes) -> str:
    """Return the text."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
