"""What a large file costs: time and memory of one function process, `nox -s bench -- files`.

Imports 10,000 to-dos, the same file again, and exports 100,000 tasks in each format. Linux only: it reads /proc.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

import httpx
import psycopg

from benchmarks.support.function import Function
from shared.embedded import postgres
from shared.embedded.local_user import LOCAL_USER, prepare_local_user
from shared.migrate import upgrade
from shared.runtime import Runtime
from shared.settings import Settings

IMPORTED, EXPORTED = 10_000, 100_000
_MORE = """
INSERT INTO tasks (id, user_id, title, notes, status, priority, due_date, awaits_successor, version, change_seq,
  created_at, updated_at)
SELECT uuidv7(), %s, 'Task ' || n, repeat('note ', 20), 'open', 2, '2026-03-02', false, 1, 1000000 + n, now(), now()
FROM generate_series(1, %s) n
"""


def main(imported: int = IMPORTED, exported: int = EXPORTED) -> None:
    """Run all and print the figures."""
    with tempfile.TemporaryDirectory(prefix="ebb-files-") as directory:
        url = postgres.start(Path(directory))
        try:
            upgrade(url)
            headers = {"authorization": f"Bearer {asyncio.run(_token(url, Path(directory) / 'token'))}"}
            with httpx.Client(headers=headers, trust_env=False, timeout=600) as client:
                _import(client, url, imported)
                with psycopg.connect(url) as connection:
                    connection.execute(_MORE, (LOCAL_USER, exported - imported))
                _export(client, url)
        finally:
            postgres.stop(Path(directory))


async def _token(url: str, token_file: Path) -> str:
    parts = Runtime(Settings.from_environment({"DATABASE_URL": url, "DAPR_HTTP_ENDPOINT": "http://127.0.0.1:9"}))
    await prepare_local_user(parts, token_file, "Europe/Berlin")
    await parts.close()
    return token_file.read_text().strip()


def _import(client: httpx.Client, url: str, count: int) -> None:
    body = "".join(["BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", *map(todo, range(count)), "END:VCALENDAR\r\n"]).encode()
    with Function("import_tasks", url) as function:
        for which in ("first", "second"):
            began = time.perf_counter()
            answer = client.post(f"{function.url}/v1/import?format=ics", content=body).raise_for_status().json()
            _say(f"{which} import of {count:,}", time.perf_counter() - began, function, f"created {answer['created']}")


def _export(client: httpx.Client, url: str) -> None:
    with Function("export_tasks", url) as function:
        for kind in ("json", "ics", "csv"):
            size, began, before = 0, time.perf_counter(), function.memory()
            with client.stream("GET", f"{function.url}/v1/export?format={kind}") as answer:
                for piece in answer.raise_for_status().iter_raw():
                    size += len(piece)
            told = f"{size / 1e6:.0f} MB sent; {before:.0f} MiB before"
            _say(f"export as {kind}", time.perf_counter() - began, function, told)


def todo(number: int) -> str:
    """Return a VTODO with what most of them have."""
    tags = ",".join(f"tag {number % 7 + n}" for n in range(3))
    return (
        f"BEGIN:VTODO\r\nUID:{number}@example.org\r\nDTSTAMP:20260301T120000Z\r\nSUMMARY:To-do number {number}\r\n"
        f"DESCRIPTION:Some words about {number}\r\nDUE;VALUE=DATE:20270{number % 9 + 1}10\r\nCATEGORIES:{tags}\r\n"
        "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER;RELATED=END:-PT30M\r\nEND:VALARM\r\nEND:VTODO\r\n"
    )


def _say(what: str, seconds: float, function: Function, more: str) -> None:
    took = f"{seconds:.1f} s ({function.cpu():.1f} s of CPU since its start)"
    held = f"{function.memory():.0f} MiB, peak {function.memory('VmHWM'):.0f} MiB"
    sys.stdout.write(f"{what}: {took}; {held}; {more}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
