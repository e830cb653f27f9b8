"""One installation on a real cluster, made by the project's own commands in a namespace of its own.

What it needs of its surroundings comes from the environment: KUBECONFIG; EBB_IMAGE, the functions' image with its
digest; EBB_GATEWAY, the URL of the Gateway; EBB_VALUES, an overlay file with what this cluster has differently;
DATABASE_URL, a PostgreSQL that both this machine and the pods reach, with the right to create databases; KAFKA_BROKERS.
"""

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

from deploy.functions import names
from shared.embedded.manifests import load

ROOT = Path(__file__).parents[2]
TICKED = {tick.function for tick in load(ROOT).ticks}
SETTINGS = ("KUBECONFIG", "EBB_IMAGE", "EBB_GATEWAY", "EBB_VALUES", "DATABASE_URL", "KAFKA_BROKERS")
PATIENCE = 180.0  # seconds until something has happened on a busy machine
# The overlay's own Kafka and PostgreSQL are for clusters that have none.
_GIVEN = ("local-kafka", "local-postgres")


def missing() -> list[str]:
    """Return the settings that are not there."""
    return [name for name in SETTINGS if not os.environ.get(name)]


def await_(what: str, happened: Callable[[], Any], patience: float = PATIENCE, pause: float = 0.25) -> Any:
    """Return what `happened` returns once it is true; raises `TimeoutError` that says what did not happen."""
    deadline = time.monotonic() + patience
    while not (found := happened()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {patience:g} s: {what}")
        time.sleep(pause)
    return found


@dataclass(frozen=True)
class Installation:
    """A namespace with everything in it."""

    namespace: str
    image: str

    @classmethod
    def fresh(cls) -> "Installation":
        """Return one that does not exist yet."""
        return cls(f"ebb-{uuid.uuid4().hex[:8]}", os.environ["EBB_IMAGE"])

    @property
    def url(self) -> str:
        """The public address."""
        return os.environ["EBB_GATEWAY"]

    @cached_property
    def database_url(self) -> str:
        """Its database, which has the name of its namespace."""
        return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{self.namespace}"))

    def prepare(self) -> None:
        """Make what an operator gives: namespace, database, secrets."""
        self._on_server(f'CREATE DATABASE "{self.namespace}"')
        self.kubectl("create", "namespace", self.namespace, everywhere=True)
        self.secret("ebb-database", {"url": self.database_url})
        plain = {"authType": "none", "saslMechanism": "", "saslUsername": "", "saslPassword": ""}
        self.secret("kafka", {"brokers": os.environ["KAFKA_BROKERS"], **plain})

    def secret(self, name: str, values: Mapping[str, str]) -> None:
        """Make a Secret."""
        metadata = {"name": name, "namespace": self.namespace}
        made = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": dict(values)}
        self.kubectl("apply", "--server-side", "-f", "-", given=json.dumps(made))

    def deploy(self, *arguments: str, image: str | None = None) -> str:
        """Run the project's command; return what it said."""
        return self._command("deploy", *arguments, image=image)

    def token(self, user: str, *scopes: str) -> str:
        """Return a new token of a user, by the project's command."""
        asked = [word for scope in scopes for word in ("--scope", scope)]
        return self._command("token", user, *asked).splitlines()[-1]

    def remove(self) -> None:
        """Delete everything: the namespace, what stands outside of it, the database."""
        # First and by itself: a namespace may take minutes to go, and its gateway would hold the address for as long
        # and answer in place of the next one's.
        self.kubectl("delete", "gateway", "--all", "--wait=true")
        self.kubectl("delete", "namespace", self.namespace, "--wait=false", everywhere=True)
        self.kubectl("-n", "kourier-system", "delete", "referencegrant", self.namespace, everywhere=True)
        self._on_server(f'DROP DATABASE "{self.namespace}" WITH (FORCE)')

    def kubectl(self, *arguments: str, given: str | None = None, everywhere: bool = False) -> str:
        """Run kubectl in the namespace, or without one; return what it wrote."""
        place = () if everywhere else ("-n", self.namespace)
        done = subprocess.run(["kubectl", *place, *arguments], input=given, text=True, capture_output=True, check=False)
        assert 0 == done.returncode, done.stderr
        return done.stdout

    def objects(self, kind: str, *arguments: str) -> list[dict[str, Any]]:
        """Return the objects of a kind."""
        return list(json.loads(self.kubectl("get", kind, "-o", "json", *arguments))["items"])

    def pods(self, function: str | None = None) -> list[str]:
        """Return the names of the pods of a function, or of all functions; those that are leaving too."""
        label = f"serving.knative.dev/service{'=' + function if function else ''}"
        return [pod["metadata"]["name"] for pod in self.objects("pods", "-l", label)]

    def await_zero(self, *functions: str, patience: float = PATIENCE) -> None:
        """Return when no pod of these functions is left, or of any but those that a tick wakes every minute."""
        wanted = functions or tuple(sorted({*names(ROOT)} - TICKED))
        await_(f"zero pods of {', '.join(wanted)}", lambda: not any(map(self.pods, wanted)), patience)

    def _command(self, name: str, *arguments: str, image: str | None = None) -> str:
        without = [word for part in _GIVEN for word in ("--without", part)]
        command = [sys.executable, "-m", "deploy", name, "local", "staging", *arguments, "--namespace", self.namespace,
                   "--image", image or self.image, "--values", os.environ["EBB_VALUES"], *without]  # fmt: skip
        done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False)
        assert 0 == done.returncode, f"{' '.join(command)}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def _on_server(self, statement: str) -> None:
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
            connection.execute(statement.encode())
