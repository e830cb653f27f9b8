"""A personal access token, made by a Job beside the database: for the first user, and where there is no issuer."""

import time
from collections.abc import Sequence

from deploy.kubernetes import Cluster
from deploy.migration import LABELS, job
from deploy.render import Rendering


def print_token(rendering: Rendering, user: str, scopes: Sequence[str]) -> str:
    """Return a new token of `user`. Only its hash is kept, and the Job whose log held it is deleted."""
    cluster = Cluster(rendering.namespace)
    described = rendering.functions["create-task"] | {"service": {"container": {}, "annotations": {}}}
    name = f"token-{int(time.time())}"
    command = ["python", "-m", "shared.issue_token", user, *scopes]
    metadata = {"name": name, "namespace": rendering.namespace, "labels": LABELS}
    cluster.apply([job(metadata, described, command, described["name"])])
    try:
        cluster.wait("condition=Complete", "job", name)
        return cluster.run("logs", f"job/{name}").strip().splitlines()[-1]
    finally:
        cluster.run("delete", "job", name, "--wait=false")
