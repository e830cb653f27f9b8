"""How much of a recurring series a change is meant for: `?scope=this`, `future` or `all`."""

from enum import StrEnum

from starlette.requests import Request

from shared.errors import Fault, InvalidInput
from shared.task import Task
from shared.unit_of_work import UnitOfWork
from shared.web import query


class Scope(StrEnum):
    """This occurrence, it and all that follow, or every occurrence."""

    THIS = "this"
    FUTURE = "future"
    ALL = "all"


def scope_of(request: Request) -> Scope:
    """Return the scope that a request asks for; raises `InvalidInput`."""
    given = query(request, "scope").get("scope", ["this"])
    try:
        (value,) = given
        return Scope(value)
    except ValueError:
        raise InvalidInput(Fault("?scope", "is one of this, future, all")) from None


async def in_scope(work: UnitOfWork, task: Task, scope: Scope) -> list[Task]:
    """Return the stored occurrences that a change of `task` is meant for, the task itself first."""
    if scope is Scope.THIS or task.occurrence is None:
        return [task]
    others = [t for t in await work.tasks.of_series(task.user_id, task.occurrence.series.id) if t.id != task.id]
    if scope is Scope.FUTURE:
        ordinal = task.occurrence.ordinal
        others = [t for t in others if t.occurrence is not None and t.occurrence.ordinal > ordinal]
    return [task, *others]
