"""The form of a path, without what differs from request to request: `/v1/tasks/{id}/complete`."""

# All that may stand literally in the name of a route: what is not here, ids and whatever a stranger sends, is `{id}`.
WORDS = frozenset({
    "v1", "tasks", "audit", "settings", "notifications", "admin", "dead-letters", "changes", "stream",
    "complete", "reopen", "skip", "snooze", "read", "replay", "tokens", "account", "export", "restore", "parse",
    "recurrences", "preview", "series", "pause", "resume", "occurrences", "tags", "filters", "batch",
    "import", "feeds", "feed",
})  # fmt: skip
_DEPTH = 5  # parts; no path of ours is deeper


def route(path: str) -> str:
    """Return the form of a path, one of a few however many paths there are."""
    parts = path.strip("/").split("/", _DEPTH)
    return "/" + "/".join(part if part in WORDS else "{id}" for part in parts if part)
