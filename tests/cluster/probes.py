"""Pods that try whom they reach: by labels and namespace each looks like a part of an installation, or a stranger."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tests.cluster.installation import Installation

ELSEWHERE = "ebb-probes"  # made for the trials: a namespace without policies
# Who a probe seems to be, by its labels; `guest` and `monitoring` are in other namespaces.
LABELS = {
    "function": {"serving.knative.dev/service": "probe"},
    "daprd": {"app.kubernetes.io/name": "dapr-shared"},
    "bridge": {"app.kubernetes.io/name": "ebb-bridge"},
    "migration": {"app.kubernetes.io/component": "migration"},
    "stranger": {"probe": "stranger"},
    "guest": {},
    "monitoring": {},
}
NAMESPACES = {"guest": ELSEWHERE, "monitoring": "monitoring"}
# Tells which of the places given as JSON take a connection within four seconds, trying all at once. A name that cannot
# be resolved is a mistake of the trial and ends it.
TRY_ALL = """
import concurrent.futures, json, socket, sys
def reaches(place):
    try:
        socket.create_connection(place, 4).close()
    except socket.gaierror:
        raise
    except OSError:
        return False
    return True
places = json.loads(sys.argv[1])
with concurrent.futures.ThreadPoolExecutor(32) as pool:
    print(json.dumps(dict(zip(places, pool.map(reaches, map(tuple, places.values()))))))
"""


def _pod(installation: Installation, who: str) -> dict[str, object]:
    """Return a pod that listens, and tries what it is told; a gate nobody opens keeps Services from choosing it."""
    locked = {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
        "runAsUser": 65532,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    command = ["python3", "-m", "http.server", "8000"]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": f"probe-{who}", "namespace": _home(installation, who), "labels": LABELS[who]},
        "spec": {
            "readinessGates": [{"conditionType": "ebb/never"}],
            "automountServiceAccountToken": False,
            "terminationGracePeriodSeconds": 0,
            "containers": [
                {"name": "probe", "image": installation.image, "command": command, "securityContext": locked}
            ],
        },
    }


@contextmanager
def _namespace(installation: Installation, name: str) -> Iterator[None]:
    """Have a namespace; one that was not there is removed in the end."""
    if (
        name
        in installation.kubectl("get", "namespaces", "-o", "name", everywhere=True).replace("namespace/", "").split()
    ):
        yield
        return
    installation.kubectl("create", "namespace", name, everywhere=True)
    try:
        yield
    finally:
        installation.kubectl("delete", "namespace", name, everywhere=True)


@contextmanager
def probes(installation: Installation) -> Iterator[None]:
    """Run a pod for each who."""
    pods = json.dumps({"apiVersion": "v1", "kind": "List", "items": [_pod(installation, who) for who in LABELS]})
    with _namespace(installation, ELSEWHERE), _namespace(installation, "monitoring"):
        try:
            installation.kubectl("apply", "-f", "-", given=pods, everywhere=True)
            for who in LABELS:
                running = ("wait", "--for=jsonpath={.status.phase}=Running", f"pod/probe-{who}", "--timeout=90s")
                installation.kubectl("-n", _home(installation, who), *running, everywhere=True)
            yield
        finally:
            gone = ("delete", "--force", "--ignore-not-found", "-f", "-")
            installation.kubectl(*gone, given=pods, everywhere=True)


def reached(installation: Installation, who: str, places: Mapping[str, tuple[str, int]]) -> dict[str, bool]:
    """Return which places a probe can connect to; they are tried all at once."""
    tried: dict[str, bool] = json.loads(run(installation, who, TRY_ALL, json.dumps(places)))
    return tried


def run(installation: Installation, who: str, program: str, argument: str) -> str:
    """Run Python in a probe; return what it wrote."""
    command = ("exec", f"probe-{who}", "--", "python3", "-c", program, argument)
    return installation.kubectl("-n", _home(installation, who), *command, everywhere=True)


def address(installation: Installation, labels: str) -> str:
    """Return the address of a running pod."""
    running = installation.objects("pods", "-l", labels, "--field-selector=status.phase=Running")
    return next(str(pod["status"]["podIP"]) for pod in running if "deletionTimestamp" not in pod["metadata"])


def _home(installation: Installation, who: str) -> str:
    return NAMESPACES.get(who, installation.namespace)
