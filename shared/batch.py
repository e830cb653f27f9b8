"""Many commands in one request: each through the code of its own function, in one transaction.

Each operation has a savepoint: one that fails takes back its own effect only, or, where the batch is atomic, all of it.
"""

import json
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from psycopg import DataError
from pydantic import Field, model_validator

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
_NOT_DONE: dict[str, object] = {"status": 424, "body": None}  # Failed Dependency (RFC 4918, section 11.4)


class Operation(Input):
    """One command: `body` and `if_match` are those of its own request, `scope` its query parameter."""

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


async def run(work: UnitOfWork, batch: Batch) -> Answer:
    """Do each operation in its order; return their results. Raises `BatchRefused` for an atomic one that fails."""
    results: list[dict[str, object]] = []
    for number, operation in enumerate(batch.operations):
        try:
            async with work.savepoint():
                results.append(_result(await _answer(work, operation)))
        except (EbbError, DataError) as error:
            problem = known(error)
            results.append({"status": problem.status, "body": details(problem, PATH)})
            if batch.atomic:
                told = [_NOT_DONE] * len(batch.operations)
                told[number] = results[-1]
                raise BatchRefused(f"operation {number} failed: {problem.detail}", told) from None
    return Answer(200, json.dumps({"results": results}).encode())


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


def _result(answer: Answer) -> dict[str, object]:
    return {"status": answer.status, "body": json.loads(answer.body) if answer.body else None}
