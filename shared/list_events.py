"""Events of tags and saved filters: what lists are made of. See shared/events.py."""

from uuid import UUID

from shared.payload import Change, Payload


class TagCreated(Payload):
    """A tag was used for the first time."""

    type = "ebb.tag.created.v1"
    about = "tag_id"

    tag_id: UUID
    name: str


class TagUpdated(Payload):
    """A tag got another name or colour. Its tasks follow it, without events of their own."""

    type = "ebb.tag.updated.v1"
    about = "tag_id"

    tag_id: UUID
    changes: dict[str, Change]


class TagDeleted(Payload):
    """A tag is gone, from its tasks too; `merged_into` is the tag that they have instead."""

    type = "ebb.tag.deleted.v1"
    about = "tag_id"

    tag_id: UUID
    name: str
    merged_into: UUID | None = None


class FilterSaved(Payload):
    """A list of tasks got a name, or another name or other parameters."""

    type = "ebb.filter.saved.v1"
    about = "filter_id"

    filter_id: UUID
    name: str
    query: dict[str, list[str]]


class FilterDeleted(Payload):
    """A saved filter is gone."""

    type = "ebb.filter.deleted.v1"
    about = "filter_id"

    filter_id: UUID
    name: str
