"""How a URL goes through Dapr's service invocation so that the far side is asked for exactly that URL.

`POST /v1.0/invoke/<target>/method/<method>?<query>` with an absolute URL as target ("invoke non-Dapr endpoints"). daprd
1.18 decodes the path once, splits it at the first `/method/`, decodes the target once more (as a form value), removes
`//`, `.`, `..` and a last `/` from the method (Go's path.Clean) and parses target + "/" + method + "?" + query again.
Therefore:

- Usually the target is the origin. Percent signs of the path are encoded again, so that `%2F` arrives as `%2F`.
- A path that path.Clean would change travels inside the target, encoded twice. This is not the usual way, because
  daprd's metrics carry the target as a label: one for each such URL instead of one for each origin.
"""

import re
from urllib.parse import quote, urlsplit

# RFC 3986, sections 3.2 to 3.4, without user information: it would end in logs, and daprd makes a header of it.
_ORIGIN = re.compile(r"(?i:https?)://(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?")
_CHARACTER = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})"
_URL = re.compile(rf"{_ORIGIN.pattern}(?:/{_CHARACTER}*)?(?:\?(?:{_CHARACTER}|\?)+)?")


def invoke_path(url: str) -> str:
    """Return path and query at the sidecar that make it ask for `url`.

    Raises `ValueError` for what is no absolute http or https URL in ASCII, and for what would not arrive as it is: user
    information, a fragment, an empty query, characters or escapes that RFC 3986 does not allow.
    """
    if not _URL.fullmatch(url):
        raise ValueError(
            "the URL cannot be called: it must be http:// or https:// with a host, without user:password@, without"
            " #fragment and without a '?' that has no query; what RFC 3986 does not allow must be percent-encoded"
        )
    split = urlsplit(url)
    query = f"?{split.query}" if split.query else ""
    # Go knows the scheme in lower case only; case means nothing in it (RFC 3986, section 3.1).
    origin = f"{split.scheme}://{split.netloc}"
    method = split.path.removeprefix("/")
    if method and {"", ".", ".."} & {*method.split("/")}:
        target = quote(quote(origin + split.path, safe=""), safe="")
        return f"/v1.0/invoke/{target}/method/{query}"
    return f"/v1.0/invoke/{origin}/method/{method.replace('%', '%25')}{query}"
