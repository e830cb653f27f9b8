"""Reads all of Kafka back through the CloudEvents library that Knative's KafkaSource uses (module/ReadBack.java)."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.stack.build import MODULE


@dataclass(frozen=True, slots=True)
class Record:
    """One record of Kafka as KafkaSource sees it. Either `event` is there, in JSON, or `error` says why it is not."""

    topic: str
    partition: int
    offset: int
    key: str | None
    headers: list[list[str | None]]  # name and value
    encoding: str | None = None  # STRUCTURED or BINARY
    event: dict[str, Any] | None = None
    error: str | None = None


def read_back(jars: Path, brokers: str) -> list[Record]:
    """Return every record of every topic but Kafka's own, in the order of each partition."""
    command = ["java", "-cp", f"{jars}/*", str(MODULE / "ReadBack.java"), brokers]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=120).stdout.decode()
    # Only a line feed ends a line here: titles may hold what splitlines() would split at.
    return [Record(**json.loads(line)) for line in printed.split("\n") if line]
