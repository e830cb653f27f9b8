"""Calls to functions that have no pod, and what is measured of them. `benchmarks/cluster.py` says what for."""

import datetime as dt
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import yaml

from deploy.merge import merged
from tests.cluster.installation import ROOT, Installation, await_

_HELLO = Path(__file__).parent / "hello.py"
_NAME = "hello-world"
_FIRED = """
SELECT (changes ->> 'fired_at')::timestamptz - (changes ->> 'fire_at')::timestamptz
FROM audit WHERE type = 'ebb.reminder.fired.v1' AND task_id = %s
"""
_RECORDED = "SELECT recorded_at FROM audit WHERE type = 'ebb.task.created.v1' AND task_id = %s"


class Calls:
    """Requests to Knative Services where Kourier takes them inside of the cluster, as the Gateway does."""

    names = ("create-task", "query-tasks", "complete-task", "fire-reminder")

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        kourier = installation.kubectl("-n", "kourier-system", "get", "service", "kourier-internal", "-o", "json")
        url = f"http://{json.loads(kourier)['spec']['clusterIP']}"
        headers = {"authorization": f"Bearer {installation.token('local')}"}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=120, trust_env=False)
        self._task, self._began = "", dt.datetime.now(dt.UTC)

    def create(self, **fields: Any) -> tuple[str, float]:
        """Create a task; return its id and the seconds until the answer."""
        self._began = dt.datetime.now(dt.UTC)
        seconds, answer = self._timed("create-task", "POST", "/v1/tasks", {"title": "From zero", **fields})
        self._task = str(answer.json()["id"])
        return self._task, seconds

    def call(self, name: str) -> float:
        """Call one function with something that it does at once; return the seconds until the answer."""
        match name:
            case "query-tasks":
                return self._timed(name, "GET", f"/v1/tasks/{self._task}")[0]
            case "complete-task":
                return self._timed(name, "POST", f"/v1/tasks/{self._task}/complete", {})[0]
            case "fire-reminder":  # the alarm of a reminder that is gone
                gone = {"user_id": "local", "task_id": self._task, "reminder_id": self._task, "version": 1}
                job = {**gone, "actor": "/ebb/schedule-reminder"}
                return self._timed(name, "POST", f"/job/{self._task}.1", job)[0]
            case _:
                return self._timed(name, "GET", "/")[0]

    def await_audit(self, task: str) -> float:
        """Return the seconds from the beginning of the command to the audit row of its event."""
        (recorded,) = await_("an audit row", lambda: self._row(_RECORDED, task))
        return float((recorded - self._began).total_seconds())

    def remind(self, at: dt.datetime) -> str:
        """Create a task with one reminder; return its id."""
        return self.create(reminders=[{"at": at.isoformat()}])[0]

    def await_fired(self, task: str, seconds: float) -> float:
        """Return how many seconds late the reminder of a task fired, which it does in about so many `seconds`."""
        (late,) = await_("a reminder fired", lambda: self._row(_FIRED, task), patience=seconds + 120)
        return float(late.total_seconds())

    def _timed(self, name: str, method: str, path: str, body: Any = None) -> tuple[float, httpx.Response]:
        host = f"{name}.{self._installation.namespace}.svc.cluster.local"
        began = time.perf_counter()
        answer = self._http.request(method, path, json=body, headers={"host": host})
        seconds = time.perf_counter() - began
        assert answer.is_success, f"{name} answers {answer.status_code}: {answer.text}"
        return seconds, answer

    def _row(self, statement: str, task: str) -> Any:
        with psycopg.connect(self._installation.database_url, autocommit=True) as connection:
            return connection.execute(statement.encode(), (task,)).fetchone()


@contextmanager
def hello_world(installation: Installation) -> Iterator[None]:
    """Run the least that the framework can serve, by its own command, as a Knative Service beside the functions."""
    rendered = ROOT / "build" / "local" / "staging" / "manifests" / "functions.yaml"
    services = (one for one in yaml.safe_load_all(rendered.read_text()) if one["metadata"]["name"] == "query-tasks")
    service = next(one for one in services if one["kind"] == "Service")
    # The same image, limits and security; another program, and the probe that Knative has for every service.
    spec = service["spec"]["template"]["spec"]
    container = {
        **{name: spec["containers"][0][name] for name in ("image", "resources", "securityContext")},
        "command": ["python", "-m", "functions_framework", "--source", "/hello/hello.py", "--target", "hello"],
        "volumeMounts": [{"name": "hello", "mountPath": "/hello"}, {"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108
    }
    volumes = [{"name": "hello", "configMap": {"name": _NAME}}, {"name": "tmp", "emptyDir": {}}]
    metadata = {"name": _NAME, "namespace": installation.namespace}
    service = {
        **service,
        "metadata": metadata | {"labels": {"networking.knative.dev/visibility": "cluster-local"}},
        "spec": {"template": {"spec": {"containers": [container], "volumes": volumes}}},
    }
    program = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"hello.py": _HELLO.read_text()}}
    try:
        for one in (program, service):
            installation.kubectl("apply", "--server-side", "-f", "-", given=json.dumps(merged(one, {})))
        installation.kubectl("wait", "--for=condition=Ready", "--timeout=180s", f"ksvc/{_NAME}")
        yield
    finally:
        installation.kubectl("delete", f"ksvc/{_NAME}", f"configmap/{_NAME}", "--ignore-not-found")


def memory(installation: Installation) -> dict[str, float]:
    """Return the working set of every pod of the installation in MiB, as the kubelet counts it."""
    used: dict[str, float] = {}
    for node in json.loads(installation.kubectl("get", "nodes", "-o", "json"))["items"]:
        path = f"/api/v1/nodes/{node['metadata']['name']}/proxy/stats/summary"
        for pod in json.loads(installation.kubectl("get", "--raw", path, everywhere=True))["pods"]:
            if pod["podRef"]["namespace"] == installation.namespace and "memory" in pod:
                used[pod["podRef"]["name"]] = pod["memory"]["workingSetBytes"] / 2**20
    return used
