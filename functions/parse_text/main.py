"""Say what words mean, and which dates a rule gives, before anything is stored.

In: `POST /v1/parse` with a text, or `POST /v1/recurrences/preview` with a recurrence. Out: 200; no user data is read.
"""

import asyncio

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.errors import NotFound
from shared.idempotency import Answer
from shared.parse_inputs import PreviewInput, TextInput
from shared.parse_view import ParsedView, PreviewView, parsed, previewed
from shared.parsing import parse
from shared.runtime import runtime
from shared.web import allow, caller, query


@functions_framework.aio.http
async def parse_text(request: Request) -> Response:
    """Answer 200 with the fields of a task, or with the next dates of a rule."""
    answer = {"/v1/parse": _parsed, "/v1/recurrences/preview": _previewed}.get(request.url.path.rstrip("/"))
    if answer is None:
        raise NotFound("there is nothing at this path")
    allow(request, "POST")
    query(request)
    await caller(request, "read")
    # A rule may take a second to find its dates, and other languages theirs: nobody else waits for that.
    view = await asyncio.to_thread(answer, await request.body())
    return Answer(200, view.model_dump_json().encode()).response()


def _parsed(body: bytes) -> ParsedView:
    return parsed(parse(TextInput, body), runtime().clock.now())


def _previewed(body: bytes) -> PreviewView:
    return previewed(parse(PreviewInput, body), runtime().clock.now())
