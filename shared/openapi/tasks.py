"""The operations of tasks, and those that explain words and rules before anything is stored."""

from shared.batch import Batch, Results
from shared.errors import BatchRefused, NotFound
from shared.inputs import Completion, Input, NewTask, Nothing, Snooze, TaskPatch
from shared.openapi.operation import Link, Operation, Reply
from shared.openapi.parameters import SCOPE, TASK_LIST
from shared.parse_inputs import PreviewInput, TextInput
from shared.parse_view import ParsedView, PreviewView
from shared.task_view import TaskPage, TaskView

_BY_ID = {"id": "$response.body#/id"}
_LINKS = {
    operation: Link(operation, _BY_ID)
    for operation in (
        "get_task", "update_task", "complete_task", "reopen_task", "skip_task", "snooze_task", "delete_task",
        "restore_task",
    )
}  # fmt: skip
_OF_A_BATCH = {
    operation: Link(operation, {"id": "$response.body#/results/0/body/id"})
    for operation in ("get_task", "update_task", "delete_task")
}
_TASK = Reply(TaskView, headers=("ETag",))
_CHANGES = ("Idempotency-Key", "If-Match")


def _action(name: str, summary: str, body: type[Input], **examples: object) -> Operation:
    return Operation(
        "POST", f"/v1/tasks/{{id}}/{name}", f"{name}_task", summary, {200: _TASK}, headers=_CHANGES, body=body,
        examples=examples, scope="write",
    )  # fmt: skip


OPERATIONS = (
    Operation(
        "GET", "/v1/tasks", "list_tasks", "List, search, filter, sort and page tasks",
        {200: Reply(TaskPage, links={
            "next_page": Link("list_tasks", {"cursor": "$response.body#/next"}),
            "first_task": Link("get_task", {"id": "$response.body#/tasks/0/id"}),
        })},
        query=TASK_LIST, problems=(NotFound,),
    ),
    Operation(
        "POST", "/v1/tasks", "create_task", "Make a task of words or of fields",
        {201: Reply(TaskView, headers=("ETag", "Location"), links=_LINKS)},
        headers=("Idempotency-Key",), body=NewTask, scope="write",
        examples={
            "words": {"text": "Pay rent every last day of the month at 9 !high #home"},
            "fields": {
                "title": "Call the dentist", "priority": "high", "tags": ["health"],
                "due": {"date": "2026-12-31", "time": "09:00", "time_zone": "Europe/Berlin"},
                "reminders": [{"minutes_before": 30}],
            },
            "recurring": {
                "title": "Water the plants", "due": {"date": "2026-12-31"},
                "recurrence": {"rule": "FREQ=DAILY;INTERVAL=3", "mode": "after_completion"},
            },
        },
    ),
    Operation(
        "POST", "/v1/tasks/batch", "batch_tasks", "Do up to a hundred commands at once",
        {200: Reply(Results, links=_OF_A_BATCH)}, headers=("Idempotency-Key",), body=Batch, problems=(BatchRefused,),
        scope="write",
        examples={"two": {"atomic": True, "operations": [
            {"op": "create", "body": {"title": "Buy milk"}}, {"op": "create", "body": {"text": "Call Ann tomorrow"}},
        ]}},
    ),
    Operation(
        "GET", "/v1/tasks/{id}", "get_task", "Read a task",
        {200: _TASK, 304: Reply(description="It is still at that version.", headers=("ETag",))},
        headers=("If-None-Match",),
    ),
    Operation(
        "PATCH", "/v1/tasks/{id}", "update_task", "Change fields of a task, or of more of its series", {200: _TASK},
        query={"scope": SCOPE}, headers=_CHANGES, body=TaskPatch, scope="write",
        examples={"later": {"due": {"date": "2027-01-02"}}, "urgent": {"priority": "urgent", "tags": ["home"]}},
    ),
    Operation(
        "DELETE", "/v1/tasks/{id}", "delete_task", "Delete a task, or more of its series", {204: Reply()},
        query={"scope": SCOPE}, headers=_CHANGES, scope="write",
    ),
    _action("complete", "Complete a task", Completion, earlier={"completed_at": "2026-11-01T10:00:00Z"}),
    _action("reopen", "Open a closed task again", Nothing),
    _action("skip", "Skip this occurrence", Nothing),
    _action("snooze", "Put a task off", Snooze, minutes={"minutes": 15}),
    _action("restore", "Bring a deleted task back", Nothing),
    Operation(
        "POST", "/v1/parse", "parse_text", "What quick-add text says, without storing anything",
        {200: Reply(ParsedView)}, body=TextInput,
        examples={"rent": {"text": "Pay rent every last day of the month at 9", "time_zone": "Europe/Berlin"}},
    ),
    Operation(
        "POST", "/v1/recurrences/preview", "preview_recurrence", "The next dates of a rule, without storing anything",
        {200: Reply(PreviewView)}, body=PreviewInput,
        examples={"weekdays": {"recurrence": {"cron": "0 9 * * 1-5"}, "time_zone": "Europe/Berlin", "count": 5}},
    ),
)  # fmt: skip
