"""Describe the HTTP interface.

In: `GET /openapi.json`, `GET /docs`, without a token. Out: 200 with the OpenAPI 3.1 document or a page to try it from,
or 304.
"""

import asyncio

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.entity_tags import is_known
from shared.errors import NotFound
from shared.web import allow, query


@functions_framework.aio.http
async def describe_api(request: Request) -> Response:
    """Answer 200 with the document, the page or a part of the page."""
    from shared.openapi.page import part

    allow(request, "GET", "HEAD")
    query(request)
    # The document is made of the parts of all functions, and takes its time the first time.
    found = await asyncio.to_thread(part, request.scope["path"], request.headers.get("accept-encoding", ""))
    if found is None:
        raise NotFound("there is nothing at this path")
    if is_known(request, found.etag):
        return Response(status_code=304, headers=found.headers())
    return Response(found.body, headers=found.headers())
