"""Reminder ids that clients send: what the answer shows is what is stored."""

from typing import Any

from tests.harness import Ebb

DUE = {"date": "2026-03-20"}
ID = "0195564d-3a80-7c3e-9b1f-4e5d6c7b8a94"


async def stored(ebb: Ebb, task: dict[str, Any], user: str = "alice") -> list[dict[str, Any]]:
    return list((await ebb.call("GET", f"/v1/tasks/{task['id']}", user=user)).json()["reminders"])


async def test_the_id_of_a_reminder_that_was_removed_can_be_used_again(ebb: Ebb) -> None:
    task = await ebb.create(title="Pay rent", due=DUE, reminders=[{"id": ID, "minutes_before": 5}])
    await ebb.call("PATCH", f"/v1/tasks/{task['id']}", {"reminders": []})
    answer = await ebb.call("PATCH", f"/v1/tasks/{task['id']}", {"reminders": [{"id": ID, "minutes_before": 5}]})
    assert answer.json()["reminders"] == await stored(ebb, task)


async def test_an_id_that_is_another_users_costs_nobody_a_reminder(ebb: Ebb) -> None:
    alices = await ebb.create(title="Pay rent", due=DUE, reminders=[{"id": ID, "minutes_before": 5}])
    answer = await ebb.call(
        "POST", "/v1/tasks", {"title": "x", "due": DUE, "reminders": [{"id": ID, "minutes_before": 9}]}, user="bob"
    )
    assert alices["reminders"] == await stored(ebb, alices)
    assert 422 == answer.status_code or answer.json()["reminders"] == await stored(ebb, answer.json(), "bob")


async def test_two_reminders_with_one_id_are_refused_or_both_kept(ebb: Ebb) -> None:
    twice = [{"id": ID, "minutes_before": minutes} for minutes in (5, 9)]
    answer = await ebb.call("POST", "/v1/tasks", {"title": "x", "due": DUE, "reminders": twice})
    assert 422 == answer.status_code or answer.json()["reminders"] == await stored(ebb, answer.json())
