from tests.harness import Ebb


async def test_a_completed_occurrence_has_one_successor(ebb: Ebb) -> None:
    task = await ebb.create(title="Water plants", due={"date": "2026-03-02"}, recurrence={"rule": "FREQ=WEEKLY"},
                            reminders=[{"minutes_before": 60}])
    await ebb.settle()
    assert len(ebb.dapr.scheduled) == 1
    done = await ebb.call("POST", f"/v1/tasks/{task['id']}/complete")
    assert "completed" == done.json()["status"]
    await ebb.settle(times=3)
    assert ["2026-03-02T00:00:00", "2026-03-09T00:00:00"] == [t["occurrence"] for t in await ebb.tasks()]
    assert 4 == len(await ebb.audit())
    ebb.clock.pass_by(days=7)
    assert await ebb.ring()
    await ebb.settle()
    assert "ebb.reminder.fired.v1" == (await ebb.audit())[0]["type"]
