"""Change numbers: each user has their own, without a gap and without a repetition."""

import asyncio

from tests.harness import Ebb

NUMBERS = """
SELECT change_seq FROM tasks WHERE user_id = %(user)s UNION ALL SELECT change_seq FROM series WHERE user_id = %(user)s
UNION ALL SELECT change_seq FROM tags WHERE user_id = %(user)s ORDER BY 1
"""


async def numbers(ebb: Ebb, user: str) -> list[int]:
    """Return the change numbers of all rows of a user, ascending."""
    return [number for (number,) in await ebb.sql(NUMBERS.replace("%(user)s", f"'{user}'"))]


async def last(ebb: Ebb, user: str) -> int:
    ((number,),) = await ebb.sql("SELECT change_seq FROM users WHERE id = %s", user)
    return int(number)


async def test_twenty_commands_at_once_leave_no_gap_and_no_repetition(ebb: Ebb) -> None:
    for user in ("alice", "bob"):
        await ebb.token(user)
    await asyncio.gather(
        *(
            ebb.create(user=user, title="a", tags=[f"tag {n}", "common"], recurrence={"rule": "FREQ=DAILY"})
            for n in range(20)
            for user in ("alice", "bob")
        )
    )
    for user in ("alice", "bob"):  # 20 tasks, 20 series, 20 tags and the common one
        assert list(range(1, 62)) == await numbers(ebb, user)
        assert 61 == await last(ebb, user)


async def test_the_latest_change_of_a_row_has_the_highest_number(ebb: Ebb) -> None:
    task, other = await ebb.create(title="a"), await ebb.create(title="b")
    await ebb.call("PATCH", f"/v1/tasks/{task['id']}", {"title": "c"})
    rows = dict(await ebb.sql("SELECT id::text, change_seq FROM tasks"))
    assert {task["id"]: 3, other["id"]: 2} == rows


async def test_what_changes_nothing_and_what_fails_takes_no_number(ebb: Ebb) -> None:
    task = await ebb.create(title="a")
    path = f"/v1/tasks/{task['id']}"
    await ebb.call("PATCH", path, {"title": "a"})
    await ebb.call("PATCH", path, {"title": "b"}, if_match='"9"')
    await ebb.call("PATCH", path, {"tags": ["t"], "reminders": [{"minutes_before": 5}]})
    await ebb.call("POST", f"{path}/reopen")
    assert ([1], 1) == (await numbers(ebb, "alice"), await last(ebb, "alice"))


async def test_racing_commands_on_one_task_take_one_number_each(ebb: Ebb) -> None:
    path = f"/v1/tasks/{(await ebb.create(title='a'))['id']}"
    await asyncio.gather(*(ebb.call("PATCH", path, {"title": str(n)}) for n in range(20)))
    assert (21, [(21,)]) == (await last(ebb, "alice"), await ebb.sql("SELECT version FROM tasks"))


async def test_what_functions_change_by_themselves_has_its_number_too(ebb: Ebb) -> None:
    task = await ebb.create(title="a", recurrence={"rule": "FREQ=DAILY"}, reminders=[{"at": "2026-03-02T12:30:00Z"}])
    ebb.clock.pass_by(hours=1)
    await ebb.tick("sweep")  # fires: the task's third change
    await ebb.call("POST", f"/v1/tasks/{task['id']}/complete")
    await ebb.settle()  # the next task and its series
    assert [4, 5, 6] == await numbers(ebb, "alice")
    assert 6 == await last(ebb, "alice")


async def test_a_repeated_command_takes_no_number(ebb: Ebb) -> None:
    for _ in range(3):
        await ebb.call("POST", "/v1/tasks", {"title": "a"}, idempotency_key="k")
    assert ([1], 1) == (await numbers(ebb, "alice"), await last(ebb, "alice"))
