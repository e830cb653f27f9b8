"""A real OIDC issuer on this machine: the Spring Authorization Server, in a process of its own."""

import time
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from benchmarks.support.server import free_port
from tests.stack.build import build_issuer
from tests.stack.part import Part

_PATIENCE = 120  # seconds until it is ready
# The audience of a token is its client.
_CLIENTS = {"ebb": "ebb:read,ebb:write", "other": "ebb:read"}
_CLIENT = """
spring.security.oauth2.authorizationserver.client.{name}.registration.client-id={name}
spring.security.oauth2.authorizationserver.client.{name}.registration.client-secret={{noop}}secret of {name}
spring.security.oauth2.authorizationserver.client.{name}.registration.client-authentication-methods=client_secret_basic
spring.security.oauth2.authorizationserver.client.{name}.registration.authorization-grant-types=client_credentials
spring.security.oauth2.authorizationserver.client.{name}.registration.scopes={scopes}
"""
_SERVER = """
server.address=127.0.0.1
server.port={port}
spring.main.banner-mode=off
spring.security.oauth2.authorizationserver.issuer={url}
"""


class OidcIssuer:
    """Started in a folder, with new keys each time; `url` is the issuer."""

    def __init__(self, folder: Path) -> None:
        self._folder, port = folder, free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._http = httpx.Client(base_url=self.url, trust_env=False, timeout=30)
        settings = folder / "issuer.properties"
        clients = "".join(_CLIENT.format(name=name, scopes=scopes) for name, scopes in _CLIENTS.items())
        settings.write_text(_SERVER.format(port=port, url=self.url) + clients)
        built = build_issuer()
        # On two cores the compilers of a server that is to live for months cost more than they bring.
        java = ["java", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        classes = ["-cp", f"{built / 'classes'}:{built / 'jars'}/*", "ebb.Issuer"]
        self.part = Part("issuer", [*java, *classes, f"--spring.config.location=file:{settings}"], folder, {})

    def __enter__(self) -> Self:
        """Return when it answers."""
        deadline = time.monotonic() + _PATIENCE
        while not self._answers():
            self.part.check()
            if time.monotonic() > deadline:
                raise self.part.failed(f"was not ready after {_PATIENCE} s")
            time.sleep(0.1)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """End it."""
        self._http.close()
        self.part.end()

    def token(self, scope: str = "ebb:read", client: str = "ebb") -> str:
        """Return an access token by the flow `client_credentials` (RFC 6749, section 4.4), signed by the newest key."""
        wanted = {"grant_type": "client_credentials", "scope": scope}
        answer = self._http.post("/oauth2/token", data=wanted, auth=(client, f"secret of {client}")).raise_for_status()
        return str(answer.json()["access_token"])

    def add_key(self) -> None:
        """Sign with a new key from now on; the old ones stay in the key set."""
        self._http.post("/keys").raise_for_status()

    def retire_key(self) -> None:
        """Take the oldest key out of the key set."""
        self._http.delete("/keys").raise_for_status()

    def _answers(self) -> bool:
        try:
            return self._http.get("/.well-known/openid-configuration").is_success
        except httpx.TransportError:
            return False
