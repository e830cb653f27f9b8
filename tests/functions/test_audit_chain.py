"""The chain of the audit log: each entry follows the one before, and whatever is changed afterwards is found."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic import command
from hypothesis import given, settings
from hypothesis import strategies as st

from shared import audit_check, migrate
from shared.audit_chain import ChainBroken, canonical, entry_hash, parsed
from shared.migrate import config, upgrade
from tests.functions.audit_log import numbers, proved, tamper, write
from tests.functions.test_schema import empty_url  # noqa: F401  (a fixture)
from tests.harness import NOON, Ebb

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)
OLD_ROW = """
INSERT INTO audit (event_id, user_id, type, source, time, actor, task_id, changes, recorded_at)
VALUES (%s, %s, 't', 's', %s, 'a', NULL, '{"n": {"before": null, "after": 1.50}}', %s)
"""


@given(JSON)
@settings(max_examples=150, deadline=None)
def test_python_and_the_database_write_the_same_canonical_json(migrated_url: str, value: Any) -> None:
    with psycopg.connect(migrated_url) as connection:
        asked = "SELECT given::text, audit_canonical(given) FROM (SELECT %s::jsonb AS given) one"
        row = connection.execute(asked, (psycopg.types.json.Jsonb(value),)).fetchone()
    assert row is not None
    assert row[1] == canonical(parsed(row[0]))


def test_canonical_json_is_that_of_rfc_8785() -> None:
    text = r"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/"
    given = f'{{"peach": "{text}", "a": [56.50, 1, null, true, false], "B": {{}}}}'
    assert '{"B":{},"a":[56.5,1,null,true,false],"peach":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}' == canonical(parsed(given))


def test_the_hash_is_that_of_the_documented_text() -> None:
    entry = {
        "position": 7, "seq": 1, "previous": "00" * 32, "hash": "ff", "event_id": "e", "user": "alice", "type": "t",
        "source": "s", "time": "2026-03-02T12:00:00.000000Z", "actor": "a", "task": None, "changes": {"b": 1, "a": "ä"},
        "recorded_at": "2026-03-02T12:00:00.250000Z",
    }  # fmt: skip
    text = (
        '{"actor":"a","changes":{"a":"ä","b":1},"event_id":"e","previous":"' + "00" * 32 + '",'
        '"recorded_at":"2026-03-02T12:00:00.250000Z","seq":1,"source":"s","task":null,'
        '"time":"2026-03-02T12:00:00.000000Z","type":"t","user":"alice"}'
    )
    assert hashlib.sha256(text.encode()).digest() == entry_hash(entry)


async def test_each_user_has_a_chain_of_their_own(ebb: Ebb) -> None:
    await ebb.create(title="a", tags=["x"], recurrence={"rule": "FREQ=DAILY"})
    await ebb.create(user="bob", title="b")
    await ebb.settle()
    found = await proved(ebb)
    assert {"alice": 3, "bob": 1} == {user: seq for user, (seq, _) in found.heads.items()}
    assert 4 == found.entries


async def test_entries_that_are_appended_at_the_same_time_make_one_chain(ebb: Ebb) -> None:
    at_once = asyncio.Semaphore(8)  # as many as have a connection

    async def deliver(number: int) -> int:
        async with at_once:
            return await write(ebb, f"e{number % 40}", user=("alice", "bob")[number % 2], n=number)

    assert {204} == set(await asyncio.gather(*map(deliver, range(80))))
    await proved(ebb)
    assert [[*range(1, 21)]] * 2 == [await numbers(ebb), await numbers(ebb, "bob")]


async def test_an_event_that_comes_again_changes_nothing(ebb: Ebb) -> None:
    await write(ebb, "e1", a=1)
    before = await proved(ebb)
    await asyncio.gather(*(write(ebb, "e1", a=2) for _ in range(5)))
    assert before.heads == (await proved(ebb)).heads
    await write(ebb, "e2", a=3)
    assert [1, 2] == await numbers(ebb)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'eve'",
        "DELETE FROM audit",
        "TRUNCATE audit",
        "UPDATE audit SET actor = actor WHERE false",
    ],
)
async def test_the_database_refuses_to_change_an_entry(ebb: Ebb, statement: str) -> None:
    await write(ebb, "e1", a=1)
    with pytest.raises(psycopg.errors.RaiseException, match="is refused"):
        await ebb.sql(statement)
    assert [1] == await numbers(ebb)


async def test_the_database_takes_no_entry_with_a_place_of_its_own(ebb: Ebb) -> None:
    await write(ebb, "e1", a=1)
    copy = (
        "INSERT INTO audit (event_id, user_id, type, source, time, actor, changes, recorded_at, seq, previous, hash) "
        "SELECT 'e2', user_id, type, source, time, actor, changes, recorded_at, 2, hash, hash FROM audit"
    )
    with pytest.raises(psycopg.errors.RaiseException, match="none of the archive"):
        await ebb.sql(copy)


@pytest.mark.parametrize(
    ("statement", "seq"),
    [
        ("UPDATE audit SET changes = '{\"a\": 9}' WHERE seq = 2 AND user_id = 'alice'", 2),
        ("UPDATE audit SET actor = 'eve' WHERE seq = 1", 1),
        ("UPDATE audit SET time = time + interval '1 microsecond' WHERE seq = 3", 3),
        ("UPDATE audit SET recorded_at = recorded_at - interval '1 day' WHERE seq = 3", 3),
        ("UPDATE audit SET task_id = gen_random_uuid() WHERE seq = 2", 2),
        ("UPDATE audit SET event_id = 'other' WHERE event_id = 'e2'", 2),
        ("UPDATE audit SET user_id = 'eve' WHERE user_id = 'alice'", 1),
        ("DELETE FROM audit WHERE seq = 2 AND user_id = 'alice'", 2),
        ("DELETE FROM audit WHERE seq = 1 AND user_id = 'alice'", 1),
        ("UPDATE audit SET seq = 5 - seq WHERE user_id = 'alice' AND seq IN (2, 3)", 2),
        # Whoever hashes an entry again has to hash all that follow.
        ("UPDATE audit a SET actor = 'eve', hash = audit_hash(audit_as(a, 'eve')) WHERE seq = 2", 3),
    ],
)
async def test_whatever_is_changed_or_taken_out_is_found(ebb: Ebb, statement: str, seq: int) -> None:
    for n in (1, 2, 3):
        await write(ebb, f"e{n}", a=n)
    if "audit_as" in statement:
        statement = statement.replace(
            "audit_hash(audit_as(a, 'eve'))",
            'audit_hash(jsonb_populate_record(a, \'{"actor": "eve"}\'))',
        )
    await tamper(ebb, "ALTER TABLE audit DROP CONSTRAINT audit_one_per_seq")
    try:
        await tamper(ebb, statement)
        with pytest.raises(ChainBroken, match=rf"entry {seq}\b"):
            await proved(ebb)
    finally:
        await tamper(ebb, "DELETE FROM audit")
        await tamper(ebb, "ALTER TABLE audit ADD CONSTRAINT audit_one_per_seq UNIQUE (user_id, seq)")


async def test_a_chain_whose_end_is_cut_off_is_found_by_the_ends_of_an_earlier_check(ebb: Ebb) -> None:
    for n in (1, 2, 3):
        await write(ebb, f"e{n}", a=n)
    known = (await proved(ebb)).heads
    await write(ebb, "e4", a=4)
    await proved(ebb, known)
    await tamper(ebb, "DELETE FROM audit WHERE seq >= 3")
    await proved(ebb)
    with pytest.raises(ChainBroken, match="entry 3: is missing: there were 3"):
        await proved(ebb, known)
    await write(ebb, "other", a=3)
    with pytest.raises(ChainBroken, match="another one than at the last check"):
        await proved(ebb, known)
    await tamper(ebb, "DELETE FROM audit")
    with pytest.raises(ChainBroken, match="all others"):
        await proved(ebb, known)


async def test_the_command_says_what_it_proved_and_where_it_broke(
    ebb: Ebb, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = audit_check.options_of(["--heads", str(tmp_path / "heads")])
    for n in (1, 2):
        await write(ebb, f"e{n}", a=n, title="Secret")
    assert 0 == await audit_check.run(ebb.parts, options)
    assert "2 entries in the database" in capsys.readouterr().out
    assert '["alice", 2, "' in (tmp_path / "heads").read_text()
    await tamper(ebb, "UPDATE audit SET actor = 'eve' WHERE seq = 2")
    assert 1 == await audit_check.run(ebb.parts, options)
    told = capsys.readouterr().out
    assert "BROKEN: user alice, entry 2 (event e2): was changed" in told
    assert "Secret" not in told


def test_the_migration_chains_what_is_there(empty_url: str) -> None:  # noqa: F811
    migration = migrate.config(empty_url)
    upgrade(empty_url)
    command.downgrade(migration, "0007")
    command.downgrade(migration, "-1")
    with psycopg.connect(empty_url, autocommit=True) as connection:
        for n in range(6):
            connection.execute(OLD_ROW, (f"e{n}", ("alice", "bob")[n % 2], NOON, NOON))
        command.upgrade(config(empty_url), "head")
        connection.execute(OLD_ROW, ("e6", "alice", NOON, NOON))
        rows = connection.execute(
            "SELECT user_id, seq, hash = audit_hash(audit), "
            "previous = lag(hash, 1, decode(repeat('00', 32), 'hex')) OVER (PARTITION BY user_id ORDER BY seq) "
            "FROM audit ORDER BY user_id, seq"
        ).fetchall()
    assert [*(("alice", n, True, True) for n in (1, 2, 3, 4)), *(("bob", n, True, True) for n in (1, 2, 3))] == rows
