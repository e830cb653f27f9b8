"""No user's URL leads into the cluster: what is refused, and what a local run may allow."""

import socket

import pytest

from shared.public_hosts import PrivateAddress, Resolve, Unresolvable, addresses, refuse_private

INSIDE = [
    "10.1.2.3", "127.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.1.2.3", "224.0.0.1",
    "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1",
    "fec0::1", "ff02::1", "2001:db8::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1",
]  # fmt: skip
OUTSIDE = ["93.184.216.34", "2606:4700:4700::1111", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]


def resolving(*found: str) -> Resolve:
    async def resolve(host: str, port: int) -> list[str]:
        return [*found]

    return resolve


@pytest.mark.parametrize("address", INSIDE)
async def test_a_name_with_an_address_that_is_not_public_is_refused(address: str) -> None:
    with pytest.raises(PrivateAddress, match="not public"):
        await refuse_private("https://rebind.example.org/", resolve=resolving("93.184.216.34", address))


@pytest.mark.parametrize("address", OUTSIDE)
async def test_public_addresses_may_be_called(address: str) -> None:
    await refuse_private("https://example.org/hook", resolve=resolving(address))


@pytest.mark.parametrize(
    "url",
    [
        "https://localhost/", "https://x.localhost/", "https://kubernetes/", "https://db.ebb.svc.cluster.local/",
        "https://db.ebb.svc/", "https://DB.EBB.SVC.CLUSTER.LOCAL./", "https://printer.local/",
        "https://metadata.google.internal/", "https://2130706433/",
    ],
)  # fmt: skip
async def test_names_of_the_cluster_and_the_machine_are_refused_whatever_they_resolve_to(url: str) -> None:
    with pytest.raises(PrivateAddress, match="inside the cluster"):
        await refuse_private(url, resolve=resolving("93.184.216.34"))


@pytest.mark.parametrize("url", ["https://127.0.0.1/", "https://[::1]/", "https://[::ffff:a00:1]:8443/"])
async def test_addresses_in_the_url_itself_are_checked_too(url: str) -> None:
    async def itself(host: str, port: int) -> list[str]:
        return [host]

    with pytest.raises(PrivateAddress):
        await refuse_private(url, resolve=itself)


@pytest.mark.parametrize("url", ["http://example.org/", "ftp://example.org/", "//example.org/", "https:///x"])
async def test_only_https_is_called(url: str) -> None:
    with pytest.raises(PrivateAddress, match="https://"):
        await refuse_private(url, resolve=resolving("93.184.216.34"))


@pytest.mark.parametrize("url", ["http://127.0.0.1:9000/", "http://localhost:9000/", "https://192.168.1.1/"])
async def test_a_local_run_may_allow_its_own_machine_and_network(url: str) -> None:
    await refuse_private(url, allow_private=True, resolve=resolving("192.168.1.1" if "192" in url else "127.0.0.1"))


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://192.168.1.1/", "192.168.1.1"),
        ("http://example.org/", "93.184.216.34"),
        ("https://169.254.169.254/", "169.254.169.254"),
        ("https://cloud.example.org/", "fe80::1"),
        ("https://zero.example.org/", "0.0.0.0"),  # noqa: S104 - an address to refuse
    ],
)
async def test_even_then_http_stays_on_the_machine_and_link_local_is_refused(url: str, address: str) -> None:
    with pytest.raises(PrivateAddress):
        await refuse_private(url, allow_private=True, resolve=resolving(address))


async def test_a_name_without_an_address_is_no_private_one() -> None:
    with pytest.raises(Unresolvable):
        await refuse_private("https://example.org/", resolve=resolving())


async def test_all_addresses_of_a_name_are_found_by_the_systems_resolver(monkeypatch: pytest.MonkeyPatch) -> None:
    def two(host: str, port: int, *_: object) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", ("93.184.216.34", port)), (10, 1, 6, "", ("2606::1", port, 0, 0))]

    monkeypatch.setattr(socket, "getaddrinfo", two)
    assert ["93.184.216.34", "2606::1"] == await addresses("example.org", 443)


@pytest.mark.parametrize("error", [socket.gaierror(-2, "unknown"), UnicodeError("label too long")])
async def test_a_resolver_that_finds_nothing_says_so(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def nothing(*_: object) -> None:
        raise error

    monkeypatch.setattr(socket, "getaddrinfo", nothing)
    with pytest.raises(Unresolvable):
        await addresses("nowhere.example", 443)
