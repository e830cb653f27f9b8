"""Applies a rendering to a cluster, in an order in which nothing starts before what it needs.

Every step may be repeated, and one that has nothing to do changes nothing: a function whose Service is what was
rendered is not deployed again, for func would make a new revision of it each time (it writes the time into it).
"""

import re
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from deploy.kubernetes import Cluster, DeployError, func_deploy
from deploy.overlay import Manifest, kind
from deploy.prerequisites import Say, prepare
from deploy.render import Rendering

_AT_ONCE = 4  # functions that are deployed at the same time; each starts a pod
_FUNCTION = "serving.knative.dev/v1 Service"
_JOB = "batch/v1 Job"
_FIRST = {"v1 Namespace"}
_TRIGGERS = {"eventing.knative.dev/v1 Trigger", "sources.knative.dev/v1 PingSource"}
# What lets events and requests in, after all that shall take them: a Broker drops what no Trigger waits for.
_LAST = {"sources.knative.dev/v1 KafkaSource", "gateway.networking.k8s.io/v1 HTTPRoute"}
_BRIDGE = "ebb-bridge"


def deploy(rendering: Rendering, work: Path, only: Sequence[str], say: Say, *, with_func: bool) -> None:
    """Bring the cluster to the rendering, and wait until all of it is ready. Raises `DeployError`.

    `only` names the functions to deploy, none for all; then nothing else is touched. `work` is a folder for func.
    """
    cluster = Cluster(rendering.namespace)
    if only:
        _functions(cluster, rendering, work, only, say, with_func=with_func)
        return
    cluster.apply(rendering.of(*_FIRST))
    prepare(cluster, rendering, say)
    say("applying accounts, policies, Dapr and the parts")
    bridge = [one for one in rendering.of("apps/v1 Deployment") if one["metadata"]["name"] == _BRIDGE]
    later = {_FUNCTION, _JOB, *_FIRST, *_TRIGGERS, *_LAST}
    early = [one for one in rendering.objects if kind(one) not in later and one not in bridge]
    cluster.apply(early)
    _migrate(cluster, rendering.of(_JOB), say)
    _rolled_out(cluster, early, say)
    _functions(cluster, rendering, work, list(rendering.functions), say, with_func=with_func)
    say("applying triggers, sources and routes")
    cluster.apply(rendering.of(*_TRIGGERS))
    _ready(cluster, rendering, "Broker", "Trigger", "PingSource")
    cluster.apply([*bridge, *rendering.of(*_LAST)])
    _rolled_out(cluster, bridge, say)
    _ready(cluster, rendering, "KafkaSource")
    for one in rendering.of("gateway.networking.k8s.io/v1 Gateway"):
        cluster.wait("condition=Programmed", "gateway", one["metadata"]["name"])
    _strangers(cluster, rendering, say)


def differences(rendering: Rendering) -> str:
    """Return what `deploy` would change, as a diff; raises `DeployError` for what the API server would refuse."""
    cluster = Cluster(rendering.namespace)
    return cluster.difference(rendering.objects)


def _migrate(cluster: Cluster, jobs: Sequence[Manifest], say: Say) -> None:
    for one in jobs:
        name = one["metadata"]["name"]
        if cluster.get("job", name) is None:
            say(f"running the job {name}")
            cluster.apply([one])
        cluster.wait("condition=Complete", "job", name, seconds=600)


def _ready(cluster: Cluster, rendering: Rendering, *kinds: str) -> None:
    for one in kinds:
        if any(manifest["kind"] == one for manifest in rendering.objects):
            cluster.wait("condition=Ready", one.lower())


def _rolled_out(cluster: Cluster, manifests: Iterable[Manifest], say: Say) -> None:
    for one in manifests:
        if kind(one) not in {"apps/v1 Deployment", "apps/v1 StatefulSet"}:
            continue
        name = f"{one['kind'].lower()}/{one['metadata']['name']}"
        say(f"waiting for {name}")
        try:
            cluster.run("rollout", "status", name, "--timeout=180s")
        except DeployError as error:
            log = cluster.run("logs", name, "--all-pods", "--tail=200", "--all-containers").splitlines()
            # What it says of itself before it dies matters more than what it said last.
            told = [line for line in log if re.search(r"\b(error|fatal|panic)\b", line, re.IGNORECASE)] or log
            raise DeployError("\n".join([f"{name} is not ready: {error}", "Its log says:", *told[-3:]])) from None


def _functions(
    cluster: Cluster, rendering: Rendering, work: Path, names: Sequence[str], say: Say, *, with_func: bool
) -> None:
    if unknown := [name for name in names if name not in rendering.functions]:
        raise DeployError(f"there is no function {unknown[0]}; there are {', '.join(rendering.functions)}")
    services = {one["metadata"]["name"]: one for one in rendering.of(_FUNCTION)}
    accounts = [one for one in rendering.of("v1 ServiceAccount") if one["metadata"]["name"] in names]
    cluster.apply(accounts)

    def bring(name: str) -> None:
        if not cluster.difference([services[name]]):
            say(f"{name}: unchanged")
            return
        gave_up = func_deploy(rendering.functions[name], work / name) if with_func else ""
        # What func cannot say. For a function that is there already func has left it, and this changes nothing.
        cluster.apply([services[name]])
        try:
            cluster.wait("condition=Ready", "services.serving.knative.dev", name)
        except DeployError as error:
            raise DeployError(f"{gave_up}\n{error}".strip()) from None
        say(f"{name}: deployed")

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(bring, names))  # the first failure is raised


def _strangers(cluster: Cluster, rendering: Rendering, say: Say) -> None:
    """Name the functions of an earlier version, which nobody removes without being asked."""
    found = cluster.run("get", "services.serving.knative.dev", "-l", "app.kubernetes.io/part-of=ebb", "-o", "name")
    there = {line.rpartition("/")[2] for line in found.split()}
    for name in sorted(there - rendering.functions.keys()):
        say(f"{name} is not a function of this version; remove it with: func delete {name} -n {cluster.namespace}")
