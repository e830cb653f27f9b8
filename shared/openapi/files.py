"""The operations of files that come in and go out, and of feeds for calendar programs."""

from collections.abc import Mapping

from shared import json_write
from shared.errors import BackendAway, InvalidInput, TooManyRequests
from shared.feeds import FeedList, MadeFeed, NewFeed
from shared.file_formats import MEDIA_TYPES, MOST
from shared.importing import Report
from shared.openapi.operation import Link, Operation, Reply, Schema

_KEY = ("Idempotency-Key",)
_FORMAT = {"type": "string", "enum": list(MEDIA_TYPES)}
_CALENDAR = {"type": "string", "examples": ["BEGIN:VCALENDAR\r\nVERSION:2.0\r\n…\r\nEND:VCALENDAR\r\n"]}
_WRITTEN: Mapping[str, Schema] = {
    "ics": _CALENDAR,
    "json": {"type": "object", "required": ["format", "version", "tasks"]},
    "csv": {"type": "string"},
}
# What a file may hold is more than can be said here: what of it is not understood is named in the report.
_READ: Mapping[str, Schema] = {
    "ics": {"type": "string", "format": "icalendar", "description": "VCALENDAR with VTODO (RFC 5545)."},
    "json": {
        "type": "object",
        "description": f"What the export gives, or tasks as the interface shows them; up to {MOST:,} of them.",
        "required": ["tasks"],
        "properties": {
            "format": {"const": json_write.FORMAT},
            "version": {"const": json_write.VERSION},
            "tasks": {"type": "array"},
        },
    },
    "csv": {"type": "string", "format": "todoist-csv", "description": "Todoist's CSV (RFC 4180) in UTF-8."},
}
OPERATIONS = (
    Operation(
        "GET", "/v1/export", "export_tasks", "All tasks as a file",
        {200: Reply(
            media={media: _WRITTEN[name] for name, media in MEDIA_TYPES.items()},
            headers=("Content-Disposition", "Cache-Control"),
        )},
        query={"format": {**_FORMAT, "default": "json"}},
    ),
    Operation(
        "POST", "/v1/import", "import_tasks", "Take tasks from a file, each of them once", {200: Reply(Report)},
        query={"format": {**_FORMAT, "description": "In the place of the Content-Type."}}, headers=_KEY,
        files={media: _READ[name] for name, media in MEDIA_TYPES.items()}, scope="write",
    ),
    Operation("GET", "/v1/feeds", "list_feeds", "List the secret URLs for calendar programs", {200: Reply(FeedList)}),
    Operation(
        "POST", "/v1/feeds", "create_feed", "Make a secret URL for a calendar program",
        {201: Reply(MadeFeed, headers=("Location", "Cache-Control"), links={
            "revoke_feed": Link("revoke_feed", {"id": "$response.body#/id"}),
        })},
        headers=_KEY, body=NewFeed, scope="write", examples={"phone": {"name": "the phone"}},
    ),
    Operation(
        "DELETE", "/v1/feeds/{id}", "revoke_feed", "Take a secret URL back", {204: Reply()}, headers=_KEY,
        scope="write",
    ),
    Operation(
        "GET", "/v1/feed/{id}", "get_feed", "Open tasks as iCalendar, for whoever has the secret",
        {
            200: Reply(media={MEDIA_TYPES["ics"]: _CALENDAR}, headers=("ETag", "Cache-Control")),
            304: Reply(description="Nothing has changed.", headers=("ETag", "Cache-Control")),
        },
        query={"as": {"type": "string", "enum": ["tasks", "events"], "default": "tasks"}}, headers=("If-None-Match",),
        problems=(InvalidInput, TooManyRequests, BackendAway), scope=None,
        names={"type": "string", "pattern": r"^[A-Za-z0-9_-]{43}(\.ics)?$"},
    ),
)  # fmt: skip
