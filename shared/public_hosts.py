"""A wall against server-side request forgery: users name the URLs of webhooks and push services.

The name is resolved before each send, because DNS changes. Between this check and the request the answer can change
once more (rebinding): the cluster's NetworkPolicy, which lets the sidecar out to public addresses only, is the second
wall.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

_NAT64 = ip_network("64:ff9b::/96")  # RFC 6052
_INSIDE = ("localhost", ".localhost", ".local", ".internal", ".svc", ".cluster.local")
Resolve = Callable[[str, int], Awaitable[list[str]]]


class PrivateAddress(ValueError):
    """The URL leads, or may lead, to an address that is not public."""


class Unresolvable(OSError):
    """The host has no address at the moment."""


async def addresses(host: str, port: int) -> list[str]:
    """Return the addresses of a host. Raises `Unresolvable`."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unresolvable("The host cannot be resolved") from error
    return [str(entry[4][0]) for entry in found]


async def refuse_private(url: str, *, allow_private: bool = False, resolve: Resolve = addresses) -> None:
    """Raise `PrivateAddress` unless the URL is https to public addresses only; `Unresolvable` if DNS has no answer.

    With `allow_private`, private and loopback addresses pass, and http to loopback; link-local ones, where clouds
    keep their credentials, never do.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").removesuffix(".")
    if parts.scheme not in {"https", "http"} or not host:
        raise PrivateAddress("The URL must begin with https://")
    if not allow_private and (host.endswith(_INSIDE) or (_literal(host) is None and "." not in host)):
        raise PrivateAddress("The host is a name inside the cluster or of this machine")
    found = [_literal(text.partition("%")[0]) for text in await resolve(host, parts.port or 443)]
    if not found:
        raise Unresolvable("The host has no address")
    for address in found:
        if address is None or not _may_be_called(address, allow_private=allow_private):
            raise PrivateAddress("The host has an address that is not public")
    if parts.scheme == "http" and not all(address and address.is_loopback for address in found):
        raise PrivateAddress("The URL must begin with https://")


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    """Return an address, and the IPv4 one that an IPv6 one carries (mapped, NAT64, 6to4)."""
    try:
        address = ip_address(host)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        return inner or (IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else address)
    return address


def _may_be_called(address: IPv4Address | IPv6Address, *, allow_private: bool) -> bool:
    if address.is_multicast or address.is_link_local or address.is_unspecified:
        return False
    if allow_private and (address.is_private or address.is_loopback):
        return True
    # Not reserved ones either; and site-local addresses (RFC 3879) are private although they count as global.
    local_site = isinstance(address, IPv6Address) and address.is_site_local
    return address.is_global and not address.is_reserved and not local_site
