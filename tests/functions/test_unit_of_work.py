"""One transaction: all or nothing, also where PostgreSQL's refusal comes with the commit."""

import psycopg
import pytest

from shared.unit_of_work import UnitOfWork
from tests.harness import Ebb


async def test_a_row_that_is_refused_with_the_commit_takes_everything_back_and_nobody_is_told(ebb: Ebb) -> None:
    await ebb.token("alice")
    work = UnitOfWork(ebb.parts, "/ebb/test")

    async def command() -> None:
        async with work:
            await work.lock("alice", commands=True)
            work.next_change()
            # Queued in the pipeline like every row: nobody waits for its result before the commit.
            await work.connection.execute("INSERT INTO users (id) VALUES ('alice')")
            await work.commit()

    with pytest.raises(psycopg.errors.UniqueViolation):
        await command()
    assert [(0,)] == await ebb.sql("SELECT change_seq FROM users WHERE id = 'alice'")
    assert "change_notices" not in vars(ebb.parts)
    assert 1 == (await ebb.create(title="the connection serves the next one"))["version"]
    assert [(1,)] == await ebb.sql("SELECT change_seq FROM users WHERE id = 'alice'")
