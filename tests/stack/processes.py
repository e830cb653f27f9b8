"""Starts the real parts on free loopback ports in a folder of their own, and ends them by their process ids."""

import json
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
import yaml

from benchmarks.support.server import free_port
from tests.stack.build import Binaries
from tests.stack.database import Postgres
from tests.stack.part import ROOT, Part, end_leftovers

DAPR_FILES = ROOT / "dapr"
_KAFKA = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={folder}/kafka
num.partitions=4
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
"""
# A UUID in base64url may begin with a dash, as an option does: each start shows that such a one is taken as a value.
_CLUSTER_ID = "-uHZ_3ZtTd-CTexqR1ByMQ"
_PATIENCE = 60  # seconds for one part to become ready


class Stack:
    """Kafka, the scheduler, and sidecars that are started when their app listens.

    `secrets` are those of the components beside Kafka's, by name and key: `{"smtp": {"host": …}}`. `retries` overrides
    fields of the retry policies in dapr/resiliency.yaml, for tests that wait for their end.
    """

    def __init__(
        self,
        binaries: Binaries,
        folder: Path,
        secrets: Mapping[str, Mapping[str, str]] | None = None,
        retries: Mapping[str, object] | None = None,
    ) -> None:
        self._binaries, self._folder, self._secrets, self._retries = binaries, folder, secrets or {}, retries or {}
        self._kafka_port, self._scheduler_port = free_port(), free_port()
        self.brokers = f"127.0.0.1:{self._kafka_port}"
        self._parts: list[Part | Postgres] = []
        self._ready: dict[str, Callable[[], bool]] = {}

    def __enter__(self) -> Self:
        """Start Kafka and the scheduler; in a folder that was used before they go on with what they stored there."""
        try:
            end_leftovers(self._folder)
            kafka = {"brokers": self.brokers, "authType": "none"}
            write_resources(self._folder / "resources", {"kafka": kafka, **self._secrets}, self._retries)
            self._start_kafka()
            self._start_scheduler()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """End everything, last first."""
        for part in reversed(self._parts):
            part.end()
        self._parts.clear()

    def _start_kafka(self) -> None:
        settings = self._folder / "kafka.properties"
        settings.write_text(_KAFKA.format(port=self._kafka_port, controller=free_port(), folder=self._folder))
        # On two cores the compilers of a server that is to live for months cost more than they bring.
        java = ["java", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", f"{self._binaries.jars}/*"]
        if not (self._folder / "kafka" / "meta.properties").exists():
            format_storage = ["kafka.tools.StorageTool", "format", f"--cluster-id={_CLUSTER_ID}", "-c", str(settings)]
            subprocess.run([*java, *format_storage], check=True, stdout=subprocess.DEVNULL, cwd=self._folder)
        part = self._run("kafka", [*java, "kafka.Kafka", str(settings)])
        self._await(part, lambda: _accepts(self._kafka_port))

    def _start_scheduler(self) -> None:
        client, peer, health = free_port(), free_port(), free_port()
        name = "dapr-scheduler-server-0"
        part = self._run("scheduler", [
            str(self._binaries.scheduler), "--id", name, "--listen-address", "127.0.0.1",
            "--port", str(self._scheduler_port), "--etcd-data-dir", str(self._folder / "etcd"),
            "--etcd-client-port", str(client), "--etcd-initial-cluster", f"{name}=http://localhost:{peer}",
            "--healthz-port", str(health), "--metrics-port", str(free_port()),
        ])  # fmt: skip
        self._await(part, lambda: _answers(f"http://127.0.0.1:{health}/healthz"))

    def start_daprd(
        self, app_id: str, app_port: int, http_port: int | None = None, environment: Mapping[str, str] | None = None
    ) -> str:
        """Start the sidecar of an app that listens already; return the sidecar's URL."""
        url = f"http://127.0.0.1:{http_port or free_port()}"
        part = self._run(f"daprd-{app_id}", [
            str(self._binaries.daprd), "--app-id", app_id, "--app-port", str(app_port), "--app-protocol", "http",
            "--dapr-http-port", url.rpartition(":")[2], "--dapr-grpc-port", str(free_port()),
            "--dapr-internal-grpc-port", str(free_port()), "--dapr-listen-addresses", "127.0.0.1",
            "--resources-path", str(self._folder / "resources"), "--config", str(DAPR_FILES / "configuration.yaml"),
            "--metrics-port", str(free_port()),
            "--scheduler-host-address", f"127.0.0.1:{self._scheduler_port}",
            "--disable-init-endpoints=config,subscribe",
        ], **(environment or {}), NAMESPACE="ebb")  # fmt: skip
        self._await(part, lambda: _answers(f"{url}/v1.0/healthz"))
        return url

    def start_postgres(self) -> str:
        """Start a PostgreSQL in the folder; return its URL."""
        print("ebb: starting postgres", flush=True)
        database = Postgres(self._folder)
        self._parts.append(database)
        self._await(database, lambda: True)  # starting it waits until it takes connections
        return database.url

    def start_function(self, target: str, environment: dict[str, str]) -> int:
        """Start a function in a process of its own, as a pod does; return its port."""
        port = free_port()
        its_own = {"FUNCTION_TARGET": target, "PORT": str(port), "HOST": "127.0.0.1"}
        self._run(target, [sys.executable, "-m", "shared.bootstrap"], **environment, **its_own)
        return port

    def wait_for(self, target: str, port: int) -> None:
        """Return when a function answers."""
        self._await(self._part(target), lambda: _answers(f"http://127.0.0.1:{port}/health/readiness"))

    def check(self) -> None:
        """Raise `PartFailed` for a part that has ended by itself."""
        for part in self._parts:
            part.check()

    def kill(self, name: str) -> None:
        """SIGKILL one part."""
        self._part(name).end(signal.SIGKILL)

    def restart(self, name: str) -> None:
        """Start a killed part again; return when it can be used."""
        part = self._part(name)
        part.start()
        self._await(part, self._ready[name])

    def pause(self, name: str) -> None:
        """Hold up one part: who talks to it gets no answer, as when the network is cut."""
        self._part(name).send(signal.SIGSTOP)

    def resume(self, name: str) -> None:
        """Let a part that was held up go on."""
        self._part(name).send(signal.SIGCONT)

    def await_ready(self) -> None:
        """Return when every part can be used; raises `PartFailed`."""
        for part in self._parts:
            part.check()
            self._await(part, self._ready[part.name])

    def _part(self, name: str) -> Part | Postgres:
        (part,) = [part for part in self._parts if part.name == name]
        return part

    def _run(self, name: str, command: Sequence[str], **environment: str) -> Part:
        print(f"ebb: starting {name}", flush=True)
        part = Part(name, command, self._folder, environment)
        self._parts.append(part)
        return part

    def _await(self, part: Part | Postgres, ready: Callable[[], bool]) -> None:
        self._ready[part.name] = ready
        deadline = time.monotonic() + _PATIENCE
        while not ready():
            part.check()
            if time.monotonic() > deadline:
                raise part.failed(f"was not ready after {_PATIENCE} s")
            time.sleep(0.05)
        print(f"ebb: {part.name} is ready", flush=True)


def write_resources(
    target: Path, secrets: Mapping[str, Mapping[str, str]], retries: Mapping[str, object] | None = None
) -> None:
    """Copy dapr/ to `target`, its secret store as a file beside it; `retries` override fields of the retry policies."""
    if target.exists():
        shutil.rmtree(target)  # of the run before
    shutil.copytree(DAPR_FILES, target)
    file = target.with_name("secrets.json")
    file.write_text(json.dumps(secrets))
    settings = [{"name": "secretsFile", "value": str(file)}, {"name": "multiValued", "value": "true"}]
    (target / "secrets.yaml").write_text(json.dumps({
        "apiVersion": "dapr.io/v1alpha1", "kind": "Component", "metadata": {"name": "secrets", "namespace": "ebb"},
        "spec": {"type": "secretstores.local.file", "version": "v1", "metadata": settings},
    }))  # fmt: skip
    if retries:
        resiliency = yaml.safe_load((target / "resiliency.yaml").read_text())
        for policy in resiliency["spec"]["policies"]["retries"].values():
            policy.update(retries)
        (target / "resiliency.yaml").write_text(yaml.safe_dump(resiliency))


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).is_success
    except httpx.TransportError:
        return False
