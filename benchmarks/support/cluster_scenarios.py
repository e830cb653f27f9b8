"""What is done to an installation on a cluster, and to what carries it there: the table of all scenarios, by name."""

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from benchmarks.support.scenario import Fault, Scenario
from deploy.functions import names
from tests.cluster.installation import ROOT, Installation

# A command for the network scenario, of the operator of the cluster, because what runs in a cluster cannot cut
# connections that stand: a NetworkPolicy may let them be. It gets the namespace as its argument, cuts all pods of it
# from each other, from Kafka, PostgreSQL and the rest of the cluster, prints a line when that is done, and ends with
# SIGTERM, after which everything is as before.
CUT_NETWORK = "EBB_CUT_NETWORK"
_CUT = 20.0  # seconds
_RESTART = 2.0  # seconds that the rest of the system notices a kill before it is watched getting well
# What answers in the place of a function that is gone: nobody, Knative's queue-proxy (502), Envoy (503), a timeout.
_FOREIGN = (0, 502, 503, 504)
_PATIENCE = "--timeout=300s"


@dataclass(frozen=True, slots=True)
class Pods:
    """Pods by their label; `namespace` None is the installation's own."""

    namespace: str | None
    label: str
    workload: str  # what makes them, as kubectl names it
    foreign: bool = False  # whether commands go through them


PARTS = {
    "daprd": Pods(None, "app.kubernetes.io/name=dapr-shared", "deployment/dapr-shared"),
    "bridge": Pods(None, "app.kubernetes.io/name=ebb-bridge", "deployment/ebb-bridge"),
    "broker-ingress": Pods(
        "knative-eventing", "eventing.knative.dev/brokerRole=ingress", "deployment/mt-broker-ingress"
    ),
    "broker-filter": Pods("knative-eventing", "eventing.knative.dev/brokerRole=filter", "deployment/mt-broker-filter"),
    "channel": Pods("knative-eventing", "messaging.knative.dev/role=dispatcher", "deployment/imc-dispatcher"),
    "scheduler": Pods("dapr-system", "app=dapr-scheduler-server", "statefulset/dapr-scheduler-server"),
    "activator": Pods("knative-serving", "app=activator", "deployment/activator", foreign=True),
    "kourier": Pods("kourier-system", "app=3scale-kourier-gateway", "deployment/3scale-kourier-gateway", foreign=True),
}
# Those that users' commands go to.
_COMMANDS = ("create-task", "update-task", "complete-task", "delete-task")


@dataclass(frozen=True, slots=True)
class Cluster:
    """An installation with all that it stands on, as a trial wants it."""

    installation: Installation

    @property
    def database_url(self) -> str:
        """The installation's."""
        return self.installation.database_url

    @property
    def stack(self) -> "Cluster":
        """Itself."""
        return self

    def await_ready(self) -> None:
        """Return when every function is ready and every part has its pods."""
        self.installation.kubectl("wait", "--for=condition=Ready", "--all", "services.serving.knative.dev", _PATIENCE)
        for part in PARTS.values():
            self.await_part(part)

    def await_part(self, part: Pods) -> None:
        """Return when a part has all its pods."""
        place = ("-n", part.namespace or self.installation.namespace)
        self.installation.kubectl(*place, "rollout", "status", part.workload, _PATIENCE, everywhere=True)

    def kill(self, label: str, namespace: str | None = None) -> int:
        """End the pods with a label, with what they were doing; return how many there were.

        Kubernetes forgets them at once and gives them a second, the least that a kubelet knows.
        """
        place = ("-n", namespace or self.installation.namespace)
        force = ("--grace-period=0", "--force", "--wait=false", "-o", "name")
        return self.installation.kubectl(*place, "delete", "pods", "-l", label, *force, everywhere=True).count("pod/")

    def wake(self, function: str) -> None:
        """Let a function have a pod, if it has none: inside, as a request that changes nothing."""
        if self.installation.pods(function):
            return
        where = ("-n", "kourier-system", "get", "service", "kourier-internal", "-o", "jsonpath={.spec.clusterIP}")
        host = f"{function}.{self.installation.namespace}.svc.cluster.local"
        url = f"http://{self.installation.kubectl(*where, everywhere=True)}/health/readiness"
        httpx.get(url, headers={"host": host}, timeout=120, trust_env=False)


def table() -> dict[str, Scenario[Cluster]]:
    """Return all scenarios; the network is cut where the environment says how."""
    scenarios: dict[str, Scenario[Cluster]] = {
        "nothing": Scenario(_nothing),
        **{f"kill-{name}": _kill(_killed(part), foreign=part.foreign) for name, part in PARTS.items()},
        **{f"kill-{name}": _kill(_killed_function(name), foreign=name in _COMMANDS) for name in names(ROOT)},
    }
    if CUT_NETWORK in os.environ:
        scenarios["cut-network"] = Scenario(_cut_network, _CUT, _CUT, felt=True, answers=_FOREIGN, foreign=True)
    return scenarios


def _kill(fault: Fault[Cluster], *, foreign: bool) -> Scenario[Cluster]:
    answers = _FOREIGN if foreign else (503,)
    return Scenario(fault, _RESTART, _RESTART, answers=answers, foreign=foreign)


@asynccontextmanager
async def _nothing(_cluster: Cluster) -> AsyncIterator[str]:
    yield ""


def _killed(part: Pods) -> Fault[Cluster]:
    @asynccontextmanager
    async def fault(cluster: Cluster) -> AsyncIterator[str]:
        await asyncio.to_thread(cluster.kill, part.label, part.namespace)
        try:
            yield ""
        finally:
            await asyncio.to_thread(cluster.await_part, part)

    return fault


def _killed_function(name: str) -> Fault[Cluster]:
    @asynccontextmanager
    async def fault(cluster: Cluster) -> AsyncIterator[str]:
        await asyncio.to_thread(cluster.wake, name)
        killed = await asyncio.to_thread(cluster.kill, f"serving.knative.dev/service={name}")
        yield "" if killed else "had no pod"

    return fault


@asynccontextmanager
async def _cut_network(cluster: Cluster) -> AsyncIterator[str]:
    command = [os.environ[CUT_NETWORK], cluster.installation.namespace]
    hook = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    assert hook.stdout is not None
    said = await hook.stdout.readline()
    try:
        assert said, f"{CUT_NETWORK} ended without cutting anything"
        yield ""
    finally:
        if hook.returncode is None:
            hook.send_signal(signal.SIGTERM)
        await hook.wait()
