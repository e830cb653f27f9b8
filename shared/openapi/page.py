"""What is served: the document, the page to try it from, and the parts of that, each with its tag and its headers."""

import gzip
import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "swagger_ui"
_HTML, _SCRIPT = "text/html", "text/javascript"
# By the names they have on the page. What is kept compressed is sent so to whoever takes it.
FILES = {
    "favicon-32x32.png": "image/png",
    "start.js": _SCRIPT,
    "swagger-ui-bundle.js": _SCRIPT,
    "swagger-ui.css": "text/css",
}
# Scripts are files of ours, requests go to where the page came from; the renderer draws its arrows as `data:` images.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class Part:
    """A body, perhaps compressed by gzip, and its media type."""

    body: bytes
    media_type: str
    is_compressed: bool = False

    @property
    def etag(self) -> str:
        """Its strong entity tag; a new version of anything in it is another one."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:32]}"'

    def headers(self) -> dict[str, str]:
        """Return its headers: whoever keeps it asks each time whether it is the newest (RFC 9111, section 5.2.2.4)."""
        found = {"Content-Type": self.media_type, "ETag": self.etag, "Cache-Control": "public, no-cache"}
        if self.media_type.startswith(_HTML):
            found["Content-Security-Policy"] = POLICY
        if self.is_compressed:
            found |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return found


def part(path: str, accepts: str = "") -> Part | None:
    """Return what stands at a path for a client with this Accept-Encoding; None where nothing does."""
    match path.strip("/").split("/"):
        case ["openapi.json"]:
            return _document()
        case ["docs"]:
            return Part((FOLDER / "index.html").read_bytes(), f"{_HTML}; charset=utf-8")
        case ["docs", name] if name in FILES:
            return _file(name, takes_gzip="gzip" in accepts)
    return None


@cache
def _document() -> Part:
    from shared.openapi import document

    return Part(json.dumps(document(), ensure_ascii=False).encode(), "application/json")


def _file(name: str, *, takes_gzip: bool) -> Part:
    compressed = FOLDER / f"{name}.gz"
    if not compressed.exists():
        return Part((FOLDER / name).read_bytes(), FILES[name])
    body = compressed.read_bytes()
    return Part(body, FILES[name], True) if takes_gzip else Part(gzip.decompress(body), FILES[name])
