"""Dapr's invocation of any URL: `/v1.0/invoke/<target>/method/<method>`, changed on the way as daprd 1.18 does.

See shared/dapr_urls.py for the rules, pkg/api/http/directmessaging.go and pkg/channel/http of Dapr for the source.
"""

import asyncio
import posixpath
import re
from urllib.parse import quote, unquote_plus, urlsplit

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

_TIMEOUT = 30.0  # seconds; callers leave earlier, which is not told here
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HOP_BY_HOP = {
    "connection", "content-length", "host", "keep-alive", "proxy-authenticate", "proxy-authorization",
    "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
}  # fmt: skip
_OURS = {"dapr-api-token", "dapr-app-id"}


async def invoke(request: Request, http: httpx.AsyncClient) -> Response:
    """Pass a request on, and its answer back, whatever its status."""
    target, found, method = request.scope["path"].removeprefix("/v1.0/invoke/").partition("/method/")
    target = unquote_plus(target)
    if not found or not target.startswith(("http://", "https://")):
        return _failed(404, "failed getting app id either from the URL path or the header dapr-app-id")
    url = _url(target, method)
    if url is None:
        return _failed(500, f"failed to invoke, id: {target}, err: the method cannot be a part of a URL")
    query = request.scope["query_string"]
    headers = [(name, value) for name, value in request.headers.items() if name not in _HOP_BY_HOP | _OURS]
    try:
        async with asyncio.timeout(_TIMEOUT):
            return await _answer(http, url, query, request, headers)
    except TimeoutError:
        return _failed(500, f"failed to invoke, id: {target}, err: context deadline exceeded")
    except (httpx.TransportError, httpx.InvalidURL) as error:
        return _failed(500, f"failed to invoke, id: {target}, err: {error or type(error).__name__}")


async def _answer(
    http: httpx.AsyncClient, url: str, query: bytes, request: Request, headers: list[tuple[str, str]]
) -> Response:
    split = urlsplit(url)
    path = (split.path or "/").encode()
    # The exact bytes: httpx would remove dot segments.
    target = b"?".join(part for part in (path, split.query.encode() or query) if part)
    sent = http.build_request(
        request.method, f"{split.scheme}://{split.netloc}", content=await request.body(), headers=headers,
        extensions={"target": target},
    )  # fmt: skip
    answer = await http.send(sent, stream=True)
    try:
        body = b"".join([chunk async for chunk in answer.aiter_raw()])
    finally:
        await answer.aclose()
    kept = {name: value for name, value in answer.headers.items() if name not in _HOP_BY_HOP}
    return Response(body, answer.status_code, kept)


def _url(target: str, method: str) -> str | None:
    """Return the URL that target and method make; None where daprd refuses them."""
    if re.search(r"[#?\x00-\x1f\x7f]", method):
        return None
    clean = posixpath.normpath(f"/{method}").lstrip("/") if method else ""
    url = f"{target}/{clean}" if clean else target
    if _BAD_ESCAPE.search(url):
        return None
    scheme, _, rest = url.partition("://")
    return scheme + "://" + quote(rest, safe="/%:@!$&'()*+,;=~[]?")


def _failed(status: int, message: str) -> Response:
    return JSONResponse({"errorCode": "ERR_DIRECT_INVOKE", "message": message}, status)
