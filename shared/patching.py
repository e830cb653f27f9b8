"""From a merge patch of a task to an edit of it. What it means for the rest of a series: shared/scoping.py."""

from typing import Any

from shared.due import Due
from shared.inputs import DueInput, DuePatch, TaskPatch
from shared.parsing import checked
from shared.plan import alarms_of
from shared.tag_rows import known_tags
from shared.task import Edit, Priority, Task
from shared.unit_of_work import UnitOfWork, new_id


async def edit_of(work: UnitOfWork, patch: TaskPatch, task: Task) -> Edit:
    """Return the new values of what the patch names; null stands for the default. Raises `InvalidInput`."""
    given = patch.model_fields_set
    defaults = {"title": "", "notes": "", "priority": Priority.NONE}
    values: dict[str, Any] = {name: getattr(patch, name) or defaults[name] for name in given & defaults.keys()}
    if "tags" in given:
        values["tags"] = await known_tags(work, patch.tags or ())
    if "due" in given:
        values["due"] = _merged_due(task.due, patch.due)
    return Edit(values, alarms_of(patch.reminders or (), task, new_id) if "reminders" in given else None)


def _merged_due(due: Due | None, patch: DuePatch | None) -> Due | None:
    if patch is None:
        return None
    before = {"date": due.date, "time": due.time, "time_zone": due.zone} if due else {}
    merged = before | {name: getattr(patch, name) for name in patch.model_fields_set - {"at"}}
    return checked(DueInput, merged, "/due").value()
