"""Jobs that run the functions' image once: the migration of the database, and a token for a person."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from deploy.functions import service
from deploy.overlay import Manifest

_ACCOUNT = "migrate"
# By `component` the network policy lets it reach the database.
LABELS = {
    "app.kubernetes.io/part-of": "ebb",
    "app.kubernetes.io/name": "migrate",
    "app.kubernetes.io/component": "migration",
}


def migration(image: str, described: Mapping[str, Any]) -> list[Manifest]:
    """Return the Job that brings the database to the newest migration, and its account.

    A Job cannot be changed, so each image has one of its own; it does nothing where there is nothing to do.
    """
    digest = hashlib.sha256(image.encode()).hexdigest()[:10]
    name = {"name": f"migrate-{digest}", "namespace": described["namespace"], "labels": LABELS}
    account = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {**name, "name": _ACCOUNT},
        "automountServiceAccountToken": False,
    }
    return [account, job(name, described, ["python", "-m", "shared.migrate"], _ACCOUNT)]


def job(metadata: Mapping[str, Any], described: Mapping[str, Any], command: Sequence[str], account: str) -> Manifest:
    """Return a Job that runs a command with what a function has: image, environment, limits, security."""
    (container,) = service(described)["spec"]["template"]["spec"]["containers"]
    kept = {name: container[name] for name in ("image", "env", "resources", "securityContext")}
    pod = {
        "serviceAccountName": account,
        "restartPolicy": "OnFailure",
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [{"name": metadata["name"], "command": list(command), **kept}],
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": dict(metadata),
        "spec": {
            "backoffLimit": 10,
            "activeDeadlineSeconds": 600,
            # Kept until the next image's: a second deployment of the same one finds it done.
            "template": {"metadata": {"labels": metadata["labels"]}, "spec": pod},
        },
    }
