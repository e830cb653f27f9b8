"""The local run keeps what a function refuses, and one command sends it again when the fault is gone."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psycopg

from benchmarks.support.server import Server, free_port

# A refusal for ever, which is what a wrong migration looks like to the function.
BREAK = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'broken on purpose' USING ERRCODE = 'invalid_parameter_value'; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION refuse();
"""
MEND = "DROP TRIGGER refuse ON audit"
RAW = {"metadata.rawPayload": "true", "metadata.partitionKey": "k"}
DAPR_TOKEN = "for-this-test"


def eventually(look: Callable[[], Any]) -> Any:
    """Return what `look` finds, as soon as it finds something."""
    deadline = time.monotonic() + 20
    while not (found := look()):
        assert time.monotonic() < deadline, "waited 20 s in vain"
        time.sleep(0.05)
    return found


def sql(server: Server, statement: str) -> list[Any]:
    with psycopg.connect(server.database_url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def replay(server: Server, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the command as a person does."""
    command = [sys.executable, "-m", "shared.replay", "--url", server.url]
    file = str(server.data_dir / "token")
    return subprocess.run(
        [*command, "--token-file", file, *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def test_a_refused_event_has_its_effect_once_after_a_replay_and_poison_is_kept() -> None:
    dapr_port = free_port()
    with tempfile.TemporaryDirectory(prefix="ebb-dead-") as directory:
        server = Server(Path(directory), "--dapr-port", str(dapr_port), environment={"DAPR_API_TOKEN": DAPR_TOKEN})
        server.start()
        try:
            with httpx.Client(headers={"authorization": f"Bearer {server.token}"}, base_url=server.url) as http:
                _story(server, http, f"http://127.0.0.1:{dapr_port}/v1.0/publish/pubsub/task-events")
        finally:
            server.stop()


def _story(server: Server, http: httpx.Client, publish: str) -> None:
    def waiting(count: int) -> list[dict[str, Any]]:
        letters = http.get("/v1/admin/dead-letters?state=waiting").json()["dead_letters"]
        return list(letters) if len(letters) == count else []

    sql(server, BREAK)
    task = http.post("/v1/tasks", json={"title": "a"}).json()
    (letter,) = eventually(lambda: waiting(1))
    assert ("write-audit", 400, task["id"]) == (letter["function"], letter["code"], letter["event"]["subject"])
    headers = {"dapr-api-token": DAPR_TOKEN}
    assert 204 == httpx.post(publish, params=RAW, content=b"\xff\x00", headers=headers).status_code
    poison = eventually(lambda: waiting(2))[0]
    assert ("dev.knative.kafka.event", "write-audit") == (poison["type"], poison["function"])
    server.kill()
    server.start()
    sql(server, MEND)
    done = replay(server, "--function", "write-audit")
    assert (1, "") == (done.returncode, done.stderr)
    assert "1 replayed, 1 cannot be replayed, 1 waiting" == done.stdout.splitlines()[-1]
    eventually(lambda: http.get("/v1/audit").json()["entries"])
    assert "0 replayed, 1 cannot be replayed, 1 waiting" == replay(server).stdout.splitlines()[-1]
    assert [letter["event_id"]] == [entry["event_id"] for entry in http.get("/v1/audit").json()["entries"]]
    assert [poison["id"]] == [one["id"] for one in waiting(1)]
