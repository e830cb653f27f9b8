"""Many commands in one request: each through the code of its own function, in one transaction.

Each operation has a savepoint: one that fails takes back its own effect only, or, where the batch is atomic, all of it.
"""

import json
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from psycopg import DataError
from pydantic import ConfigDict, Field, model_validator

from shared import task_commands
from shared.answers import details, known
from shared.errors import BatchRefused, EbbError
from shared.idempotency import Answer
from shared.input_types import Text
from shared.inputs import Completion, Input, NewTask, Nothing, TaskPatch
from shared.parsing import parse
from shared.scope import Scope
from shared.unit_of_work import UnitOfWork
from shared.web import task_at

MOST = 100
PATH = "/v1/tasks/batch"


_CREATES: dict[str, Any] = {"properties": {"op": {"const": "create"}, "id": {"type": "null"}}}
_NAMES_A_TASK: dict[str, Any] = {
    "required": ["id"],
    "properties": {"op": {"not": {"const": "create"}}, "id": {"type": "string"}},
}


class Operation(Input):
    """One command: `body` and `if_match` are those of its own request, `scope` its query parameter."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [_CREATES, _NAMES_A_TASK]})

    op: Literal["create", "update", "complete", "skip", "delete"]
    id: UUID | None = None
    if_match: Text | None = None
    scope: Annotated[Scope, Field(strict=False)] = Scope.THIS
    body: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _id_where_it_belongs(self) -> Self:
        if (self.id is None) != (self.op == "create"):
            raise ValueError("create takes no id, every other op needs one")
        return self


class Batch(Input):
    """`POST /v1/tasks/batch`: `atomic` for all or nothing."""

    operations: Annotated[tuple[Operation, ...], Field(fail_fast=True, max_length=MOST)]
    atomic: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What an operation alone would be answered with: the task, nothing, or a problem (RFC 9457)."""

    status: int
    body: Annotated[dict[str, Any] | None, Field(description="A task, or problem details.")]


@dataclass(frozen=True, slots=True)
class Results:
    """One for each operation, in their order."""

    results: list[Result]


_NOT_DONE = Result(424, None)  # Failed Dependency (RFC 4918, section 11.4)


async def run(work: UnitOfWork, batch: Batch) -> Answer:
    """Do each operation in its order; return their results. Raises `BatchRefused` for an atomic one that fails."""
    results: list[Result] = []
    for number, operation in enumerate(batch.operations):
        try:
            async with work.savepoint():
                results.append(_result(await _answer(work, operation)))
        except (EbbError, DataError) as error:
            problem = known(error)
            results.append(Result(problem.status, details(problem, PATH)))
            if batch.atomic:
                told = [_NOT_DONE] * len(batch.operations)
                told[number] = results[-1]
                raise BatchRefused(f"operation {number} failed: {problem.detail}", list(map(asdict, told))) from None
    return Answer(200, json.dumps(asdict(Results(results))).encode())


async def _answer(work: UnitOfWork, operation: Operation) -> Answer:
    body = json.dumps(operation.body or {}).encode()
    if operation.id is None:
        return await task_commands.create(work, parse(NewTask, body))
    match operation.op:
        case "update":
            patch = parse(TaskPatch, body)
        case "complete":
            completion = parse(Completion, body)
        case _:
            parse(Nothing, body)
    task = await task_at(work, operation.id, operation.if_match)
    match operation.op:
        case "update":
            return await task_commands.update(work, task, patch, operation.scope)
        case "complete":
            return await task_commands.complete(work, task, completion)
        case "skip":
            return await task_commands.skip(work, task)
    return await task_commands.delete(work, task, operation.scope)


def _result(answer: Answer) -> Result:
    return Result(answer.status, json.loads(answer.body) if answer.body else None)
