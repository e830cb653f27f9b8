"""Errors: one row for each, with its HTTP status, the slug of its problem type, and the answer to an event."""

import httpx
import psycopg
import pytest
from psycopg_pool import PoolTimeout
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared import errors
from shared.answers import known
from shared.audit_chain import ChainBroken
from shared.edge import Edge
from shared.errors import EbbError, Fault
from shared.rate_limit import Allowance
from shared.runtime import Runtime
from shared.settings import Settings
from shared.web import allow

# What is raised, the HTTP status and slug it becomes, and the status an event function answers (None where no event
# can bring it about: events are POSTed, and the framework takes them at every path).
TABLE: list[tuple[Exception, int, str, int | None]] = [
    (errors.MalformedBody("x"), 400, "malformed-body", 400),
    (errors.InvalidInput(Fault("/title", "x")), 422, "invalid-input", 400),
    (errors.BatchRefused("x", []), 422, "batch-refused", 400),
    (errors.NotReplayable("x"), 422, "not-replayable", 400),
    (errors.IdempotencyKeyReused("x"), 422, "idempotency-key-reused", 400),
    (errors.Unauthenticated("x"), 401, "unauthenticated", 400),
    (errors.ScopeMissing("x"), 403, "scope-missing", 400),
    (errors.NotFound("x"), 404, "not-found", 400),
    (errors.MethodNotAllowed("x"), 405, "method-not-allowed", 400),
    (errors.AccountClosed("x"), 409, "account-closed", 204),
    (errors.HistoryGone("x"), 410, "history-gone", 400),
    (errors.StaleVersion("x"), 412, "stale-version", 400),
    (errors.BodyTooLarge("x"), 413, "body-too-large", 400),
    (errors.TooManyRequests(0.5, Allowance(burst=200, window=2, left=0, full_in=2)), 429, "too-many-requests", 400),
    (errors.BackendAway("x"), 503, "back-end-away", 503),
    (errors.EventRejected("x"), 400, "event-rejected", 400),
    (errors.SettingError("x"), 500, "wrong-setting", 503),
    (ChainBroken("alice", 1, None, "x"), 500, "audit-chain-broken", 503),
    (HTTPException(404), 404, "not-found", None),
    (HTTPException(405), 405, "method-not-allowed", None),
    (HTTPException(400), 400, "event-rejected", 400),
    (psycopg.OperationalError("s3cret host"), 503, "back-end-away", 503),
    (psycopg.errors.DeadlockDetected("s3cret"), 503, "back-end-away", 503),
    (psycopg.errors.SerializationFailure("s3cret"), 503, "back-end-away", 503),
    (psycopg.errors.AdminShutdown("s3cret"), 503, "back-end-away", 503),
    (PoolTimeout("s3cret"), 503, "back-end-away", 503),
    (psycopg.errors.UniqueViolation("s3cret row"), 500, "internal-error", 503),
    (RuntimeError("s3cret"), 500, "internal-error", 503),
]
NAMES = [f"{type(error).__name__}-{status}" for error, status, _, _ in TABLE]
PARTS = Runtime(Settings(database_url="postgresql://nowhere", dapr_http_endpoint="http://sidecar.invalid"))


async def answer(error: Exception, *, is_event: bool) -> httpx.Response:
    """Return the answer of a function that raises the error."""

    async def function(_request: Request) -> Response:
        raise error

    app = Edge(
        Starlette(routes=[Route("/v1/tasks", function)]), "function", PARTS, is_event=is_event, max_body_bytes=1024
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ebb") as client:
        return await client.get("/v1/tasks")


def test_every_error_of_the_domain_has_its_row() -> None:
    assert set(EbbError.__subclasses__()) == {type(row[0]) for row in TABLE if isinstance(row[0], EbbError)}


def test_every_slug_is_one_errors_own() -> None:
    kinds: list[type[EbbError]] = [EbbError, *EbbError.__subclasses__()]
    assert len(kinds) == len({kind.slug for kind in kinds})


@pytest.mark.parametrize(("error", "status", "slug"), [row[:3] for row in TABLE], ids=NAMES)
async def test_an_http_function_answers_with_the_problem_of_its_row(error: Exception, status: int, slug: str) -> None:
    told = await answer(error, is_event=False)
    body = told.json()
    assert (status, "application/problem+json") == (told.status_code, told.headers["content-type"])
    assert (f"urn:ebb:problem:{slug}", status, "/v1/tasks") == (body["type"], body["status"], body["instance"])
    assert known(error).title == body["title"]
    assert "s3cret" not in told.text


@pytest.mark.parametrize(("error", "status"), [(row[0], row[3]) for row in TABLE if row[3]], ids=repr)
async def test_an_event_function_answers_400_for_never_and_503_for_later(error: Exception, status: int) -> None:
    assert status == (await answer(error, is_event=True)).status_code


async def test_invalid_input_lists_its_faults() -> None:
    told = await answer(errors.InvalidInput(Fault("/title", "too long"), Fault("", "empty")), is_event=False)
    assert [{"pointer": "/title", "message": "too long"}, {"pointer": "", "message": "empty"}] == told.json()["errors"]
    assert "/title: too long; body: empty" == told.json()["detail"]


async def test_unauthenticated_names_the_scheme_and_away_says_when_to_try_again() -> None:
    unknown = await answer(errors.Unauthenticated("x"), is_event=False)
    assert unknown.headers["www-authenticate"].startswith('Bearer realm="ebb"')
    assert "2" == (await answer(errors.BackendAway("x"), is_event=False)).headers["retry-after"]


def test_a_wrong_method_is_told_the_right_ones_as_rfc_9110_demands() -> None:
    request = Request({"type": "http", "method": "PUT", "path": "/v1/tasks", "headers": []})
    with pytest.raises(errors.MethodNotAllowed) as refused:
        allow(request, "GET", "HEAD")
    assert {"Allow": "GET, HEAD"} == refused.value.headers
