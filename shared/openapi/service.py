"""The operations for administrators, and those that need no token."""

from shared.audit_restore import Restore, Restored
from shared.dead_letter_rows import DeadLetterPage, Replayed
from shared.errors import InvalidInput, NotFound, NotReplayable
from shared.inputs import Nothing, Replay
from shared.openapi.operation import JSON, Link, Operation, Reply
from shared.openapi.page import FILES
from shared.openapi.parameters import DEAD_LETTERS

_KEY = ("Idempotency-Key",)
_TEXT = {"type": "string"}
_UNCHANGED = Reply(description="It is still the same.", headers=("ETag", "Cache-Control"))
_KEPT = ("ETag", "Cache-Control")


def _health(name: str, summary: str) -> Operation:
    reply = Reply(media={"text/plain": {"const": "ok"}})
    return Operation("GET", f"/health/{name}", name, summary, {200: reply}, scope=None)


OPERATIONS = (
    Operation(
        "GET", "/v1/admin/dead-letters", "list_dead_letters", "Events that no function took, newest first",
        {200: Reply(DeadLetterPage, links={
            "next_page": Link("list_dead_letters", {"cursor": "$response.body#/next"}),
            "replay": Link("replay_dead_letter", {"id": "$response.body#/dead_letters/0/id"}),
        })},
        query=DEAD_LETTERS, scope="admin",
    ),
    Operation(
        "POST", "/v1/admin/dead-letters/replay", "replay_dead_letters", "Send those that wait again",
        {200: Reply(Replayed)}, headers=_KEY, body=Replay, scope="admin",
        examples={"one function": {"function": "write-audit"}},
    ),
    Operation(
        "POST", "/v1/admin/dead-letters/{id}/replay", "replay_dead_letter", "Send one again", {200: Reply(Replayed)},
        headers=_KEY, body=Nothing, problems=(NotReplayable,), scope="admin",
    ),
    Operation(
        "POST", "/v1/admin/audit/restore", "restore_audit", "Bring archived audit entries back for a week",
        {200: Reply(Restored)}, body=Restore, scope="admin",
        examples={"a year": {"user": "alice", "from": "2025-01-01T00:00:00Z", "to": "2025-12-31T00:00:00Z"}},
    ),
    _health("liveness", "Whether the process lives"),
    _health("readiness", "Whether it takes requests"),
    Operation(
        "GET", "/openapi.json", "get_openapi", "This document",
        {200: Reply(media={JSON: {"type": "object", "required": ["openapi"]}}, headers=_KEPT), 304: _UNCHANGED},
        headers=("If-None-Match",), problems=(InvalidInput,), scope=None,
    ),
    Operation(
        "GET", "/docs", "get_docs", "A page to try it from",
        {200: Reply(media={"text/html": _TEXT}, headers=_KEPT), 304: _UNCHANGED}, headers=("If-None-Match",),
        problems=(InvalidInput,), scope=None,
    ),
    Operation(
        "GET", "/docs/{id}", "get_docs_file", "A part of that page",
        {200: Reply(media=dict.fromkeys(sorted({*FILES.values()}), _TEXT), headers=_KEPT), 304: _UNCHANGED},
        headers=("If-None-Match",), problems=(InvalidInput, NotFound), scope=None,
        names={"type": "string", "enum": sorted(FILES)},
    ),
)  # fmt: skip
