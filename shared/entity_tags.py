"""Conditional requests (RFC 9110, section 13.1.2): whether a client has the newest version already."""

from starlette.requests import Request


def is_known(request: Request, etag: str) -> bool:
    """Tell whether If-None-Match names the tag; weak and strong ones compare equal here."""
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    return "*" in known or etag.removeprefix("W/") in known
