"""Applies a rendering to a cluster, in an order in which nothing starts before what it needs.

Every step may be repeated, and one that has nothing to do changes nothing: a function whose Service is what was
rendered is not deployed again, for func would make a new revision of it each time (it writes the time into it).
"""

import secrets
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path

from deploy.kubernetes import Cluster, DeployError, func_deploy
from deploy.overlay import Manifest
from deploy.render import Rendering

_AT_ONCE = 4  # functions that are deployed at the same time; each starts a pod
_FUNCTION = "serving.knative.dev/v1 Service"
_JOB = "batch/v1 Job"
_FIRST = {"v1 Namespace"}
_TRIGGERS = {"eventing.knative.dev/v1 Trigger", "sources.knative.dev/v1 PingSource"}
# What lets events and requests in, after all that shall take them: a Broker drops what no Trigger waits for.
_LAST = {"sources.knative.dev/v1 KafkaSource", "gateway.networking.k8s.io/v1 HTTPRoute"}
_BRIDGE = "ebb-bridge"
_TRUST = "dapr-trust-bundle"

Say = Callable[[str], None]


def deploy(rendering: Rendering, work: Path, only: Sequence[str], say: Say, *, with_func: bool) -> None:
    """Bring the cluster to the rendering, and wait until all of it is ready. Raises `DeployError`.

    `only` names the functions to deploy, none for all; then nothing else is touched. `work` is a folder for func.
    """
    cluster = Cluster(rendering.namespace)
    if only:
        _functions(cluster, rendering, work, only, say, with_func=with_func)
        return
    cluster.apply(_of(rendering, _FIRST))
    _secrets(cluster, rendering, say)
    say("applying accounts, policies, Dapr and the parts")
    bridge = [one for one in _of(rendering, {"apps/v1 Deployment"}) if one["metadata"]["name"] == _BRIDGE]
    later = {_FUNCTION, _JOB, *_FIRST, *_TRIGGERS, *_LAST}
    early = [one for one in rendering.objects if kind(one) not in later and one not in bridge]
    cluster.apply(early)
    _migrate(cluster, _of(rendering, {_JOB}), say)
    _rolled_out(cluster, early, say)
    _functions(cluster, rendering, work, list(rendering.functions), say, with_func=with_func)
    say("applying triggers, sources and routes")
    cluster.apply(_of(rendering, _TRIGGERS))
    _ready(cluster, rendering, "Broker", "Trigger", "PingSource")
    cluster.apply([*bridge, *_of(rendering, _LAST)])
    _rolled_out(cluster, bridge, say)
    _ready(cluster, rendering, "KafkaSource")
    for one in _of(rendering, {"gateway.networking.k8s.io/v1 Gateway"}):
        cluster.wait("condition=Programmed", "gateway", one["metadata"]["name"])
    _strangers(cluster, rendering, say)


def differences(rendering: Rendering) -> str:
    """Return what `deploy` would change, as a diff; raises `DeployError` for what the API server would refuse."""
    cluster = Cluster(rendering.namespace)
    return cluster.difference(rendering.objects)


def kind(manifest: Manifest) -> str:
    """Return "<apiVersion> <kind>"."""
    return f"{manifest['apiVersion']} {manifest['kind']}"


def _of(rendering: Rendering, kinds: Iterable[str]) -> list[Manifest]:
    return [one for one in rendering.objects if kind(one) in set(kinds)]


def _secrets(cluster: Cluster, rendering: Rendering, say: Say) -> None:
    """Make the Secrets that only need to be secret; copy Dapr's trust bundle; ask for the Secrets that are missing."""
    for name, values in rendering.secrets.items():
        if cluster.get("secret", name) is None:
            say(f"making the Secret {name}")
            random = secrets.token_urlsafe(32)
            lines = [f"{key}={value.replace('{random}', random)}\n" for key, value in values.items()]
            # Through stdin: arguments of a process can be read by others.
            cluster.run("create", "secret", "generic", name, "--from-env-file=/dev/stdin", given="".join(lines))
    bundle = cluster.get("configmap", _TRUST, namespace="dapr-system")
    if bundle is None:
        raise DeployError("Dapr is not installed: dapr-system has no ConfigMap dapr-trust-bundle; install Dapr first")
    metadata = {"name": _TRUST, "namespace": cluster.namespace}
    cluster.apply([{"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": bundle["data"]}])
    made_here = {one["metadata"]["name"] for one in _of(rendering, {"external-secrets.io/v1 ExternalSecret"})}
    wanted = sorted(set(chain.from_iterable(map(_secret_names, _of(rendering, {_FUNCTION})))) - made_here)
    missing = [name for name in wanted if cluster.get("secret", name) is None]
    # What an operator makes of a part (CloudNativePG's `-app`) comes a while after it.
    missing = [name for name in missing if not name.endswith("-app")]
    if missing:
        command = f"kubectl -n {cluster.namespace} create secret generic"
        commands = [f"{command} {name} --from-literal=…" for name in missing]
        raise DeployError(
            "\n".join(["these Secrets are missing (docs/deployment.md says what is in them):", *commands])
        )


def _secret_names(service: Manifest) -> set[str]:
    (container,) = service["spec"]["template"]["spec"]["containers"]
    references = (
        env["valueFrom"]["secretKeyRef"] for env in container["env"] if "secretKeyRef" in env.get("valueFrom", {})
    )
    return {one["name"] for one in references if not one.get("optional")}


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
            last = cluster.run("logs", name, "--tail=3", "--all-containers")
            raise DeployError(f"{name} is not ready: {error}\nThe end of its log:\n{last}") from None


def _functions(
    cluster: Cluster, rendering: Rendering, work: Path, names: Sequence[str], say: Say, *, with_func: bool
) -> None:
    if unknown := [name for name in names if name not in rendering.functions]:
        raise DeployError(f"there is no function {unknown[0]}; there are {', '.join(rendering.functions)}")
    services = {one["metadata"]["name"]: one for one in _of(rendering, {_FUNCTION})}
    accounts = [one for one in _of(rendering, {"v1 ServiceAccount"}) if one["metadata"]["name"] in names]
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
