"""Sweep repairs each thing for itself: what cannot be repaired keeps nothing else waiting."""

from tests.harness import Ebb


async def test_a_successor_that_cannot_be_made_keeps_nobody_elses_waiting(ebb: Ebb) -> None:
    broken = await ebb.create(title="x", due={"date": "2026-03-02"}, recurrence={"rule": "FREQ=DAILY"}, user="mallory")
    good = await ebb.create(title="Water plants", due={"date": "2026-03-02"}, recurrence={"rule": "FREQ=WEEKLY"})
    for task, user in ((broken, "mallory"), (good, "alice")):
        await ebb.call("POST", f"/v1/tasks/{task['id']}/complete", user=user)
        ebb.clock.pass_by(seconds=1)
    # A rule that no version of this program understands, as after going back to an older one.
    await ebb.sql("UPDATE series SET rule = 'FREQ=NEVER' WHERE user_id = 'mallory'")
    ebb.clock.pass_by(minutes=1)
    await ebb.tick("sweep")
    assert ["2026-03-02T00:00:00", "2026-03-09T00:00:00"] == sorted(t["occurrence"] for t in await ebb.tasks())
