"""Starts the real parts on free loopback ports in a folder of their own, and ends them by their process ids."""

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
import yaml

from benchmarks.support.server import free_port
from shared.bootstrap import FUNCTIONS

ROOT = FUNCTIONS.parent
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
_PATIENCE = 60  # seconds for one part to become ready


class Part:
    """One process with its log file."""

    def __init__(self, name: str, command: Sequence[str], folder: Path, environment: dict[str, str]) -> None:
        self.name, self._log = name, folder / f"{name}.log"
        self._command, self._environment = command, os.environ | environment
        self.start()

    def start(self) -> None:
        """Start it, also again: with the same ports and folders it goes on where it was."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, cwd=ROOT, stdout=log, stderr=log, env=self._environment)

    def check(self) -> None:
        """Raise `RuntimeError` with the end of the log when the process has ended."""
        if self._process.poll() is not None:
            raise RuntimeError(f"{self.name} has ended:\n{self._log.read_text(errors='replace')[-2000:]}")

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it; one that does not go within ten seconds is killed."""
        self._process.send_signal(how)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Stack:
    """Kafka, the scheduler, and sidecars that are started when their app listens."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        self._binaries, self._folder = binaries, folder
        self._kafka_port, self._scheduler_port = free_port(), free_port()
        self._parts: list[Part] = []

    def __enter__(self) -> Self:
        """Start Kafka and the scheduler."""
        try:
            brokers = f"127.0.0.1:{self._kafka_port}"
            write_resources(self._folder / "resources", self._folder / "secrets.json", brokers)
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
        java = ["java", "-Xmx512m", "-cp", f"{self._binaries}/kafka/*"]
        format_storage = ["kafka.tools.StorageTool", "format", "-t", _cluster_id(), "-c", str(settings)]
        subprocess.run([*java, *format_storage], check=True, capture_output=True, cwd=self._folder)
        part = self._run("kafka", [*java, "kafka.Kafka", str(settings)])
        self._await(part, lambda: _accepts(self._kafka_port))

    def _start_scheduler(self) -> None:
        client, peer, health = free_port(), free_port(), free_port()
        name = "dapr-scheduler-server-0"
        part = self._run("scheduler", [
            f"{self._binaries}/scheduler", "--id", name, "--listen-address", "127.0.0.1",
            "--port", str(self._scheduler_port), "--etcd-data-dir", str(self._folder / "etcd"),
            "--etcd-client-port", str(client), "--etcd-initial-cluster", f"{name}=http://localhost:{peer}",
            "--healthz-port", str(health), "--metrics-port", str(free_port()),
        ])  # fmt: skip
        self._await(part, lambda: _answers(f"http://127.0.0.1:{health}/healthz"))

    def start_daprd(self, app_id: str, app_port: int, http_port: int | None = None) -> str:
        """Start the sidecar of an app that listens already; return the sidecar's URL."""
        url = f"http://127.0.0.1:{http_port or free_port()}"
        part = self._run(f"daprd-{app_id}", [
            f"{self._binaries}/daprd", "--app-id", app_id, "--app-port", str(app_port), "--app-protocol", "http",
            "--dapr-http-port", url.rpartition(":")[2], "--dapr-grpc-port", str(free_port()),
            "--dapr-internal-grpc-port", str(free_port()), "--dapr-listen-addresses", "127.0.0.1",
            "--resources-path", str(self._folder / "resources"), "--metrics-port", str(free_port()),
            "--scheduler-host-address", f"127.0.0.1:{self._scheduler_port}",
            "--disable-init-endpoints=config,subscribe",
        ], NAMESPACE="ebb")  # fmt: skip
        self._await(part, lambda: _answers(f"{url}/v1.0/healthz"))
        return url

    def start_function(self, target: str, environment: dict[str, str]) -> int:
        """Start a function in a process of its own, as a pod does; return its port."""
        port = free_port()
        its_own = {"FUNCTION_TARGET": target, "PORT": str(port), "HOST": "127.0.0.1"}
        self._run(target, [sys.executable, "-m", "shared.bootstrap"], **environment, **its_own)
        return port

    def wait_for(self, target: str, port: int) -> None:
        """Return when a function answers."""
        self._await(self._part(target), lambda: _answers(f"http://127.0.0.1:{port}/health/readiness"))

    def kill(self, name: str) -> None:
        """SIGKILL one part."""
        self._part(name).end(signal.SIGKILL)

    def restart(self, name: str) -> None:
        """Start a killed part again."""
        self._part(name).start()

    def _part(self, name: str) -> Part:
        (part,) = [part for part in self._parts if part.name == name]
        return part

    def _run(self, name: str, command: Sequence[str], **environment: str) -> Part:
        print(f"ebb: starting {name}", flush=True)
        self._parts.append(Part(name, command, self._folder, environment))
        return self._parts[-1]

    def _await(self, part: Part, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not ready():
            part.check()
            if time.monotonic() > deadline:
                raise TimeoutError(f"{part.name} was not ready after {_PATIENCE} s")
            time.sleep(0.05)


def write_resources(target: Path, secrets: Path, brokers: str) -> None:
    """Write the components of dapr/ as they are, with a file in place of the cluster's secret store."""
    target.mkdir()
    secrets.write_text(json.dumps({"kafka": {
        "brokers": brokers, "authType": "none", "saslMechanism": "", "saslUsername": "", "saslPassword": "",
    }}))  # fmt: skip
    store = {"name": "local", "namespace": "ebb"}
    settings = [{"name": "secretsFile", "value": str(secrets)}, {"name": "multiValued", "value": "true"}]
    documents = [{
        "apiVersion": "dapr.io/v1alpha1", "kind": "Component", "metadata": store,
        "spec": {"type": "secretstores.local.file", "version": "v1", "metadata": settings},
    }]  # fmt: skip
    for file in sorted(DAPR_FILES.glob("*.yaml")):
        documents += [document for document in yaml.safe_load_all(file.read_text()) if document]
    for number, document in enumerate(documents):
        if document["kind"] == "Component" and document["metadata"] != store:
            document["auth"] = {"secretStore": "local"}
        (target / f"{number}.yaml").write_text(yaml.safe_dump(document))


def _cluster_id() -> str:
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).is_success
    except httpx.TransportError:
        return False
