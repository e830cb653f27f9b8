"""A million tasks in a database, by COPY: those of one user, and as many each of nine others."""

import datetime as dt
import random
import time
from collections.abc import Iterator
from uuid import UUID

import psycopg

from shared.identity import new_token
from shared.search import stored, tag_word
from shared.unit_of_work import new_id

USERS = 10
OWNER = "bench-0"
SEED = 7
# Common words are in a third of the titles, rare ones in one of a thousand.
VERBS = ("call", "pay", "write", "buy", "plan", "fix", "read", "send", "clean", "check", "book", "review")
THINGS = ("rent", "report", "car", "garden", "letter", "invoice", "meeting", "flight", "kitchen", "contract", "lamp")
COMMON, RARE = "today", "zanzibar"
START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
TAGS = 20
INDEXES = """
SELECT indexname, indexdef FROM pg_indexes i WHERE tablename IN ('tasks', 'task_words', 'task_tags')
AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conname = i.indexname)
"""
_COLUMNS = {
    "tasks": "id, user_id, title, notes, status, priority, due_date, due_at, over_at, awaits_successor, version,"
    " change_seq, created_at, updated_at, completed_at",
    "task_tags": "task_id, tag_id, position",
    "task_words": "task_id, user_id, created_at, words",
}


def fill(url: str, tasks: int) -> str:
    """Fill an empty database with `tasks` tasks for each user; return a token of the one that is measured."""
    began = time.perf_counter()
    with psycopg.connect(url, autocommit=True) as connection:
        token, digest = new_token()
        indexes = connection.execute(INDEXES).fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}".encode())
        for number in range(USERS):
            _fill_user(connection, f"bench-{number}", tasks, random.Random(SEED + number))
            print(f"  {(number + 1) * tasks:>9,} tasks after {time.perf_counter() - began:.0f} s", flush=True)
        for name, definition in indexes:
            connection.execute(definition.encode())
            print(f"  index {name} after {time.perf_counter() - began:.0f} s", flush=True)
        connection.execute(
            "INSERT INTO tokens (id, user_id, name, hash, scopes, created_at) VALUES (%s, %s, 'bench', %s, %s, now())",
            (new_id(), OWNER, digest, ["read", "write"]),
        )
        connection.execute("VACUUM ANALYZE")
        print(f"  vacuumed and analyzed after {time.perf_counter() - began:.0f} s", flush=True)
    return token


def _fill_user(
    connection: "psycopg.Connection[tuple[object, ...]]", user: str, tasks: int, chance: random.Random
) -> None:
    connection.execute("INSERT INTO users (id, change_seq) VALUES (%s, %s)", (user, tasks + TAGS))
    tags = [new_id() for _ in range(TAGS)]
    rows = list(_tasks(user, tasks, chance))
    for number, tag in enumerate(tags):
        connection.execute(
            "INSERT INTO tags (id, user_id, name, name_key, change_seq, created_at) VALUES (%s, %s, %s, %s, %s, now())",
            (tag, user, f"tag {number}", f"tag {number}", tasks + number + 1),
        )
    links: dict[UUID, list[UUID]] = {row[0]: chance.sample(tags, chance.choice((0, 0, 1, 2))) for row in rows}
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY tasks ({_COLUMNS['tasks']}) FROM STDIN".encode()) as copy:
            for row in rows:
                copy.write_row(row)
        with cursor.copy(f"COPY task_tags ({_COLUMNS['task_tags']}) FROM STDIN".encode()) as copy:
            for task_id, own in links.items():
                for position, tag in enumerate(own):
                    copy.write_row((task_id, tag, position))
        with cursor.copy(f"COPY task_words ({_COLUMNS['task_words']}) FROM STDIN".encode()) as copy:
            for row in rows:
                words = [stored(user, row[2], row[3]), *(f"'{tag_word(tag)}'" for tag in links[row[0]])]
                copy.write_row((row[0], user, row[-3], " ".join(words)))


def _tasks(user: str, tasks: int, chance: random.Random) -> Iterator[tuple[UUID, str, str, str, *tuple[object, ...]]]:
    for number in range(tasks):
        created = START + dt.timedelta(seconds=number * 60 + chance.randrange(60))
        title = f"{chance.choice(VERBS)} {chance.choice(THINGS)} {number}"
        if chance.random() < 1 / 3:
            title += f" {COMMON}"
        elif chance.random() < 1 / 1000:
            title += f" {RARE}"
        notes = " ".join(chance.choices(VERBS + THINGS, k=12)) if chance.random() < 0.3 else ""
        is_open = chance.random() < 0.3
        due = created + dt.timedelta(days=chance.randrange(60)) if chance.random() < 0.5 else None
        yield (
            new_id(), user, title, notes, "open" if is_open else "completed", chance.randrange(5),
            due and due.date(), due, due, False, 1, number + 1, created, created, None if is_open else created,
        )  # fmt: skip
