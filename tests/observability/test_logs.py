"""What the collector of logs makes of files as the kubelet writes them: three labels, and the line as it was."""

import gzip
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import pytest
import yaml
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from benchmarks.support.server import free_port
from tests.observability.collecting import running
from tests.observability.promql import ROOT

pytestmark = pytest.mark.tools
PART = ROOT / "clouds" / "parts" / "logs" / "collector.yaml"
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
UID = "0197d3c1-0000-4000-8000-000000000000"
LINE = json.dumps({
    "event": "invocation", "level": "warning", "function": "create-task", "user_id": "alice", "trace_id": TRACE,
    "span_id": SPAN,
})  # fmt: skip
POD = "k8s.pod.name"


class Loki:
    """Takes logs while it is entered: the attributes of their resources, and the lines with their own attributes."""

    def __init__(self) -> None:
        taken = self.taken = list[tuple[dict[str, str], Any]]()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.headers["content-encoding"] == "gzip":
                    body = gzip.decompress(body)
                for logs in ExportLogsServiceRequest.FromString(body).resource_logs:
                    of = {one.key: one.value.string_value for one in logs.resource.attributes}
                    taken.extend((of, record) for scope in logs.scope_logs for record in scope.log_records)
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the standard library's name)
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        """Listen."""
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def of(self, pod: str) -> tuple[dict[str, str], Any]:
        """Return the first record of a pod, waiting for ten seconds."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            for resource, record in list(self.taken):
                if resource[POD] == pod:
                    return resource, record
            time.sleep(0.1)
        raise AssertionError(f"nothing came of {pod}, but {self.taken}")


def write(pods: Path, namespace: str, pod: str, text: str) -> None:
    """Write a line as the kubelet does (the format of the Container Runtime Interface)."""
    folder = pods / f"{namespace}_{pod}_{UID}" / "user-container"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "0.log").open("a") as log:
        log.write(f"2026-03-02T12:00:00.000000000Z stdout F {text}\n")


def test_a_line_has_three_labels_and_keeps_its_ids_to_itself(tmp_path: Path) -> None:
    (manifest,) = (one for one in yaml.safe_load_all(PART.read_text()) if one["kind"] == "ConfigMap")
    pods, port = tmp_path / "pods", free_port()
    text = manifest["data"]["logs.yaml"].replace("/var/log/pods", str(pods)).replace("13134", str(port))
    function, deployment = "create-task-00012-deployment-7d9f8b6c5-x2k4j", "dapr-shared-7d9f8b6c5-abcde"
    with Loki() as loki, running(text, tmp_path, port, INSTALLATION="ebb", LOKI_ENDPOINT=loki.url):
        # What is there when it starts it leaves alone, so what matters comes when it has found its first file.
        while not loki.taken:
            write(pods, "ebb", "first-7d9f8b6c5-abcde", "again")
            time.sleep(0.2)
        write(pods, "other", "theirs-7d9f8b6c5-abcde", LINE)
        write(pods, "ebb", deployment, "time= not JSON")
        write(pods, "ebb", function, LINE)
        resource, record = loki.of(function)
        plain, text_record = loki.of(deployment)
    assert ("ebb", "create-task", "warning") == tuple(
        resource[name] for name in ("k8s.namespace.name", "service.name", "level")
    )
    assert not {"alice", TRACE, SPAN} & set(resource.values())
    assert (LINE, TRACE, SPAN) == (record.body.string_value, record.trace_id.hex(), record.span_id.hex())
    assert {"log.file.name", "log.file.path", "log.iostream", "logtag"} >= {one.key for one in record.attributes}
    assert ("dapr-shared", "time= not JSON") == (plain["service.name"], text_record.body.string_value)
    assert not [taken for taken, _ in loki.taken if taken["k8s.namespace.name"] != "ebb"]
