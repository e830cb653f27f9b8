"""The public paths and the methods that each takes, and the form of a path: `/v1/tasks/{id}/complete`.

An answer to another method names these in `Allow` (RFC 9110, section 10.2.1); shared/openapi describes them.
"""

METHODS = {
    "/health/liveness": ("GET",),
    "/health/readiness": ("GET",),
    "/openapi.json": ("GET",),
    "/docs": ("GET",),
    "/docs/{id}": ("GET",),
    "/v1/tasks": ("GET", "POST"),
    "/v1/tasks/batch": ("POST",),
    "/v1/tasks/{id}": ("GET", "PATCH", "DELETE"),
    "/v1/tasks/{id}/complete": ("POST",),
    "/v1/tasks/{id}/reopen": ("POST",),
    "/v1/tasks/{id}/skip": ("POST",),
    "/v1/tasks/{id}/snooze": ("POST",),
    "/v1/tasks/{id}/restore": ("POST",),
    "/v1/parse": ("POST",),
    "/v1/recurrences/preview": ("POST",),
    "/v1/series": ("GET", "POST"),
    "/v1/series/{id}": ("GET", "PATCH", "DELETE"),
    "/v1/series/{id}/pause": ("POST",),
    "/v1/series/{id}/resume": ("POST",),
    "/v1/series/{id}/occurrences": ("GET",),
    "/v1/tags": ("GET", "POST"),
    "/v1/tags/{id}": ("PATCH", "DELETE"),
    "/v1/filters": ("GET", "POST"),
    "/v1/filters/{id}": ("GET", "PATCH", "DELETE"),
    "/v1/changes": ("GET",),
    "/v1/stream": ("GET",),
    "/v1/notifications": ("GET",),
    "/v1/notifications/{id}": ("GET",),
    "/v1/notifications/{id}/read": ("POST",),
    "/v1/audit": ("GET",),
    "/v1/audit/export": ("GET",),
    "/v1/export": ("GET",),
    "/v1/import": ("POST",),
    "/v1/feeds": ("GET", "POST"),
    "/v1/feeds/{id}": ("DELETE",),
    "/v1/feed/{id}": ("GET",),
    "/v1/settings": ("GET", "PATCH"),
    "/v1/tokens": ("GET", "POST"),
    "/v1/tokens/{id}": ("DELETE",),
    "/v1/account": ("DELETE",),
    "/v1/account/export": ("GET",),
    "/v1/admin/dead-letters": ("GET",),
    "/v1/admin/dead-letters/replay": ("POST",),
    "/v1/admin/dead-letters/{id}/replay": ("POST",),
    "/v1/admin/audit/restore": ("POST",),
}
# All that may stand literally in the name of a route: what is not here, ids and whatever a stranger sends, is `{id}`.
WORDS = frozenset(part for path in METHODS for part in path.split("/") if part and part != "{id}")
_DEPTH = 5  # parts; no path of ours is deeper


def route(path: str) -> str:
    """Return the form of a path, one of a few however many paths there are."""
    parts = path.strip("/").split("/", _DEPTH)
    return "/" + "/".join(part if part in WORDS else "{id}" for part in parts if part)


def allowed(path: str) -> tuple[str, ...]:
    """Return the methods that a path takes; none where there is nothing."""
    return METHODS.get(route(path), ())
