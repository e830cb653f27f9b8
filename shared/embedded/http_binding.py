"""Dapr's HTTP binding: calls one fixed URL, or a path below it, with a JSON body.

https://docs.dapr.io/reference/components-reference/supported-bindings/http/; metadata that begins with a capital letter
becomes a request header.
"""

import json
from collections.abc import Mapping

import httpx

from shared.embedded.output import Answer, OutputFailed

_JSON = "application/json; charset=utf-8"
_TRUE = {"y", "yes", "true", "t", "on", "1"}  # what Dapr takes for true
_WITH_BODY = ("create", "post", "put", "patch")


class HttpBinding:
    """Calls `settings["url"]`."""

    operations: tuple[str, ...] = (*_WITH_BODY, "get", "head", "delete", "options", "trace")

    def __init__(self, settings: Mapping[str, str], http: httpx.AsyncClient) -> None:
        self._settings, self._http = settings, http

    async def call(self, operation: str, data: object, metadata: Mapping[str, str]) -> Answer:
        """Call once and follow redirects. Raises `OutputFailed`, also for a status but 2xx unless told not to."""
        url = self._settings["url"]
        if path := metadata.get("path"):
            url = f"{url.rstrip('/')}/{path.lstrip('/')}"
        method = "POST" if operation == "create" else operation.upper()
        body = go_json(data) if operation in _WITH_BODY else None
        try:
            answer = await self._http.request(
                method, url, content=body, headers=_headers(metadata, body is not None), follow_redirects=True
            )
        except (httpx.RequestError, httpx.InvalidURL) as error:
            raise OutputFailed(f'{method.capitalize()} "{url}": {error or type(error).__name__}') from error
        told = {"statusCode": str(answer.status_code), "status": f"{answer.status_code} {answer.reason_phrase}"}
        # The body was decompressed, as Go's client does; what described it before is no longer true.
        named = {name: value for name, value in answer.headers.items() if name != "content-encoding"}
        strict = metadata.get("errorIfNot2XX") or self._settings.get("errorIfNot2XX") or "true"
        if strict.lower() in _TRUE and not answer.is_success:
            raise OutputFailed(f"received status code {answer.status_code}", {**named, **told})
        return Answer(answer.content, {**named, **told})


def _headers(metadata: Mapping[str, str], has_body: bool) -> dict[str, str]:
    capital = {name: value for name, value in metadata.items() if name[:1].isascii() and name[:1].isupper()}
    headers = {"Accept": _JSON, **({"Content-Type": _JSON} if has_body else {}), **capital}
    return headers | ({"traceparent": metadata["traceparent"]} if "traceparent" in metadata else {})


def go_json(data: object) -> bytes:
    """Return JSON as Go writes it: no spaces, sorted keys, and what HTML could take for markup escaped."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text.encode()
