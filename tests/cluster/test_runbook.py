"""What docs/runbook.md says about failures: each is caused, seen, and healed by the cure that stands there."""

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.cluster.installation import ROOT, Installation, await_

pytestmark = pytest.mark.cluster


def created(client: httpx.Client, **fields: Any) -> str:
    return str(client.post("/v1/tasks", json=fields).raise_for_status().json()["id"])


def audit(client: httpx.Client, task: str) -> list[str]:
    entries = client.get("/v1/audit", params={"task": task}).raise_for_status().json()["entries"]
    return [entry["type"].removeprefix("ebb.").removesuffix(".v1") for entry in entries]


def is_audited(client: httpx.Client, task: str) -> Callable[[], bool]:
    return lambda: "task.created" in audit(client, task)


def replayed(installation: Installation, token: Path) -> subprocess.CompletedProcess[str]:
    """Run `nox -s replay` as an operator does, without nox."""
    command = [sys.executable, "-m", "shared.replay", "--url", installation.url, "--token-file", str(token)]
    return subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False)


@contextmanager
def without_table(installation: Installation, name: str) -> Iterator[None]:
    """Take a table away, so that whoever needs it fails at each try."""
    with psycopg.connect(installation.database_url, autocommit=True) as connection:
        connection.execute(f"ALTER TABLE {name} RENAME TO {name}_away".encode())
        try:
            yield
        finally:
            connection.execute(f"ALTER TABLE {name}_away RENAME TO {name}".encode())


def test_a_dead_letter_is_listed_with_its_reason_and_replayed_when_the_fault_is_gone(
    installation: Installation, alice: httpx.Client, tmp_path: Path
) -> None:
    """EbbDeadLetters."""
    token = tmp_path / "token"
    token.write_text(installation.token("operations", "admin"))
    admin = {"authorization": f"Bearer {token.read_text()}"}

    def waiting() -> list[dict[str, Any]]:
        answer = httpx.get(f"{installation.url}/v1/admin/dead-letters?state=waiting", headers=admin, trust_env=False,
                           timeout=60)  # fmt: skip
        return list(answer.raise_for_status().json()["dead_letters"])

    # Seven minutes of retries are too long for a test. A new number takes a while to reach whoever delivers.
    installation.kubectl("patch", "trigger", "write-audit", "--type=merge", "-p",
                         json.dumps({"spec": {"delivery": {"retry": 0}}}))  # fmt: skip
    tasks = []

    def one_is_dead() -> list[dict[str, Any]]:
        tasks.append(created(alice, title="Not to be audited"))
        return waiting()

    with without_table(installation, "audit"):
        letters = await_("a dead letter", one_is_dead, pause=5)
    installation.deploy()
    assert {"write-audit"} == {letter["function"] for letter in letters}
    done = replayed(installation, token)
    assert (0, "") == (done.returncode, done.stderr), done.stdout
    for task in tasks:
        await_("an audit entry of each", is_audited(alice, task), patience=600)
    assert [] == waiting()


def test_events_outlive_a_wrong_secret_of_kafka_in_the_outbox(installation: Installation, alice: httpx.Client) -> None:
    """EbbDaprdDown, EbbOutboxLag."""
    right = {"authType": "none", "saslMechanism": "", "saslUsername": "", "saslPassword": ""}
    installation.secret("kafka", {**right, "brokers": "kafka.invalid:9092"})
    installation.kubectl("scale", "deployment/dapr-shared", "--replicas=0")
    installation.kubectl("scale", "deployment/dapr-shared", "--replicas=1")
    await_("daprd says why", lambda: "pubsub" in " ".join(errors(installation)))
    task = created(alice, title="While nothing is published")
    assert [] == audit(alice, task)
    installation.secret("kafka", {**right, "brokers": os.environ["KAFKA_BROKERS"]})
    installation.kubectl("rollout", "restart", "deployment/dapr-shared", "deployment/ebb-bridge")
    for name in ("dapr-shared", "ebb-bridge"):
        installation.kubectl("rollout", "status", f"deployment/{name}", "--timeout=180s")
    await_("its audit entry", is_audited(alice, task))


def errors(installation: Installation) -> list[str]:
    """Return what daprd calls an error, or the end, in this life or the last."""
    found = []
    for pod in installation.objects("pods", "-l", "app.kubernetes.io/name=dapr-shared"):
        for status in pod["status"].get("containerStatuses", []):
            lives = [()] * ("running" in status["state"]) + [("--previous",)] * ("terminated" in status["lastState"])
            for life in lives:
                found += installation.kubectl("logs", pod["metadata"]["name"], *life).splitlines()
    lines = (json.loads(line) for line in found if line.startswith("{"))
    return [line["msg"] for line in lines if line["level"] in {"error", "fatal"}]


def test_a_reminder_whose_alarm_cannot_ring_is_fired_by_sweep(installation: Installation, alice: httpx.Client) -> None:
    """EbbRemindersLate."""
    at = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=30)
    task = created(alice, title="Ring late", reminders=[{"at": at.isoformat()}])
    await_("its job is set", lambda: alarm_is_set(installation, task))
    installation.kubectl("scale", "deployment/dapr-shared", "--replicas=0")
    await_("it fired", lambda: "fired" == alice.get(f"/v1/tasks/{task}").json()["reminders"][0]["state"])
    installation.kubectl("scale", "deployment/dapr-shared", "--replicas=1")
    await_("it is told", lambda: "notification.sent" in audit(alice, task))
    entries = alice.get("/v1/audit", params={"task": task, "type": "ebb.reminder.fired.v1"}).json()["entries"]
    assert [True] == [entry["changes"]["late"] for entry in entries]


def alarm_is_set(installation: Installation, task: str) -> bool:
    with psycopg.connect(installation.database_url) as connection:
        found = connection.execute("SELECT alarm_version = version FROM reminders WHERE task_id = %s", (task,))
        return found.fetchone() == (True,)
