"""The operations of what tasks come from and are grouped by: series, tags and saved filters."""

from shared.filter_rows import FilterList, FilterView
from shared.inputs import Nothing
from shared.list_inputs import FilterPatch, NewFilter, NewTag, TagPatch
from shared.openapi.operation import Link, Operation, Reply
from shared.openapi.parameters import COUNT, FLAG, PAGE
from shared.series_inputs import NewSeries, SeriesPatch
from shared.series_view import OccurrencesView, SeriesPage, SeriesView
from shared.tag_view import TagPage, TagView

_BY_ID = {"id": "$response.body#/id"}
_KEY = ("Idempotency-Key",)
_CHANGES = ("Idempotency-Key", "If-Match")
_SERIES = Reply(SeriesView, headers=("ETag",))


def _links(*operations: str) -> dict[str, Link]:
    return {operation: Link(operation, _BY_ID) for operation in operations}


def _next(operation: str) -> dict[str, Link]:
    return {"next_page": Link(operation, {"cursor": "$response.body#/next"})}


_NEW_SERIES = _links(
    "get_series", "update_series", "pause_series", "resume_series", "list_occurrences", "delete_series"
)
_TAG_LINKS = _links("update_tag", "delete_tag")
OPERATIONS = (
    Operation(
        "GET", "/v1/series", "list_series", "List recurring series",
        {200: Reply(SeriesPage, links=_next("list_series"))},
        query={"is_active": FLAG, **PAGE},
    ),
    Operation(
        "POST", "/v1/series", "create_series", "Begin a recurring series",
        {201: Reply(SeriesView, headers=("ETag", "Location"), links=_NEW_SERIES)},
        headers=_KEY, body=NewSeries, scope="write",
        examples={"stand-up": {
            "template": {"title": "Stand-up", "tags": ["work"], "reminders": [{"minutes_before": 5}]},
            "recurrence": {"cron": "0 9 * * 1-5"}, "time_zone": "Europe/Berlin",
        }},
    ),
    Operation("GET", "/v1/series/{id}", "get_series", "Read a series", {200: _SERIES}),
    Operation(
        "PATCH", "/v1/series/{id}", "update_series", "Change a series; what is open of it follows", {200: _SERIES},
        headers=_CHANGES, body=SeriesPatch, scope="write",
        examples={"fortnightly": {"recurrence": {"text": "every other friday"}, "template": {"priority": "low"}}},
    ),
    Operation(
        "DELETE", "/v1/series/{id}", "delete_series", "Delete a series with what is open of it", {204: Reply()},
        headers=_CHANGES, scope="write",
    ),
    Operation(
        "POST", "/v1/series/{id}/pause", "pause_series", "Let no occurrence follow for now", {200: _SERIES},
        headers=_CHANGES, body=Nothing, scope="write",
    ),
    Operation(
        "POST", "/v1/series/{id}/resume", "resume_series", "Let a paused series go on", {200: _SERIES},
        headers=_CHANGES, body=Nothing, scope="write",
    ),
    Operation(
        "GET", "/v1/series/{id}/occurrences", "list_occurrences", "The next dates of a series",
        {200: Reply(OccurrencesView)}, query={"count": COUNT},
    ),
    Operation(
        "GET", "/v1/tags", "list_tags", "List tags with their numbers of open tasks",
        {200: Reply(TagPage, links=_next("list_tags"))}, query=PAGE,
    ),
    Operation(
        "POST", "/v1/tags", "create_tag", "Make a tag",
        {
            200: Reply(TagView, "It was there already, and stays as it is.", headers=("Location",), links=_TAG_LINKS),
            201: Reply(TagView, headers=("Location",), links=_TAG_LINKS),
        },
        headers=_KEY, body=NewTag, scope="write", examples={"home": {"name": "home", "colour": "#3a7d44"}},
    ),
    Operation(
        "PATCH", "/v1/tags/{id}", "update_tag", "Rename, merge or colour a tag", {200: Reply(TagView)}, headers=_KEY,
        body=TagPatch, scope="write", examples={"red": {"colour": "#c1121f"}},
    ),
    Operation(
        "DELETE", "/v1/tags/{id}", "delete_tag", "Take a tag from all its tasks", {204: Reply()}, headers=_KEY,
        scope="write",
    ),
    Operation("GET", "/v1/filters", "list_filters", "List saved filters", {200: Reply(FilterList)}),
    Operation(
        "POST", "/v1/filters", "create_filter", "Save a list of tasks under a name",
        {201: Reply(FilterView, headers=("Location",), links={
            **_links("get_filter", "update_filter", "delete_filter"),
            "tasks": Link("list_tasks", {"filter": "$response.body#/id"}),
        })},
        headers=_KEY, body=NewFilter, scope="write",
        examples={"today": {"name": "Urgent at home", "query": "priority=urgent&tag=home&status=open"}},
    ),
    Operation("GET", "/v1/filters/{id}", "get_filter", "Read a saved filter", {200: Reply(FilterView)}),
    Operation(
        "PATCH", "/v1/filters/{id}", "update_filter", "Change a saved filter", {200: Reply(FilterView)}, headers=_KEY,
        body=FilterPatch, scope="write", examples={"name": {"name": "Soon"}},
    ),
    Operation(
        "DELETE", "/v1/filters/{id}", "delete_filter", "Delete a saved filter", {204: Reply()}, headers=_KEY,
        scope="write",
    ),
)  # fmt: skip
