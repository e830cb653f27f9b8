"""Events on the wire: schemas and golden files are those of the code, and what does not fit is refused."""

import datetime as dt
import json
import re
from typing import Any

import pytest
from cloudevents.http import CloudEvent, from_json
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.envelope import Event, from_wire, to_wire
from shared.errors import EventRejected
from shared.events import EVENT_TYPES, TaskUpdated
from shared.payload import Change
from tests.events import generate

# What PostgreSQL can keep.
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
INSTANTS = st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(9000, 1, 1), timezones=st.just(dt.UTC))  # noqa: DTZ001
UPDATED = json.loads(generate.golden(TaskUpdated))


def received(**attributes: object) -> CloudEvent:
    """Receive the golden task.updated with some attributes replaced; None leaves one out."""
    event = {name: value for name, value in (UPDATED | attributes).items() if value is not None}
    return from_json(json.dumps(event))


@pytest.mark.parametrize("name", sorted(generate.files()))
def test_schemas_and_golden_files_in_the_tree_are_those_of_the_code(name: str) -> None:
    path = generate.FOLDER / name
    assert path.exists(), f"{name} is missing: run python -m tests.events.generate"
    assert generate.files()[name] == path.read_text(), f"{name} is outdated: run python -m tests.events.generate"


def test_no_file_is_left_of_an_event_that_is_no_more() -> None:
    left = {path.name for path in generate.FOLDER.glob("*.json")} - generate.files().keys()
    assert set() == left, "run python -m tests.events.generate"


@pytest.mark.parametrize("event_type", sorted(EVENT_TYPES))
def test_a_golden_event_is_read_and_written_back_byte_for_byte(event_type: str) -> None:
    text = (generate.FOLDER / f"{event_type}.json").read_text()
    event = from_wire(from_json(text))
    assert EVENT_TYPES[event_type] is type(event.payload)
    assert text == generate.text_of(to_wire(event))


@given(st.dictionaries(TEXT, st.builds(Change, before=JSON, after=JSON), max_size=3), INSTANTS, TEXT)
def test_any_event_comes_back_from_the_wire_as_it_was(changes: dict[str, Change], time: dt.datetime, user: str) -> None:
    payload = TaskUpdated(user_id=user, actor=user, task_id=generate.VALUES["task_id"], version=2, changes=changes)
    event = Event("1", "/ebb/update-task", time, payload, generate.TRACEPARENT)
    assert event == from_wire(from_json(json.dumps(to_wire(event))))


@pytest.mark.parametrize("event_type", sorted(EVENT_TYPES))
def test_a_type_is_named_after_its_aggregate_and_what_happened_and_its_version(event_type: str) -> None:
    assert re.fullmatch(r"ebb\.[a-z]+\.[a-z]+\.v[0-9]+", event_type)
    assert event_type == EVENT_TYPES[event_type].type


@pytest.mark.parametrize("event_type", sorted(EVENT_TYPES))
def test_a_payload_is_frozen_and_closed(event_type: str) -> None:
    payload: Any = generate.example(EVENT_TYPES[event_type])
    with pytest.raises(ValidationError, match="frozen"):
        payload.user_id = "bob"
    with pytest.raises(ValidationError, match="extra"):
        type(payload).model_validate({**payload.model_dump(), "more": 1})


@pytest.mark.parametrize("event_type", sorted(kind for kind, of in EVENT_TYPES.items() if "task_id" in of.model_fields))
def test_events_of_a_task_share_its_id_as_partition_key(event_type: str) -> None:
    assert str(generate.VALUES["task_id"]) == generate.example(EVENT_TYPES[event_type]).partition_key


@pytest.mark.parametrize("event_type", ["ebb.task.updated.v2", "ebb.task.eaten.v1", "dev.knative.sources.ping", "ebb"])
def test_an_unknown_type_or_version_is_refused_by_name(event_type: str) -> None:
    with pytest.raises(EventRejected, match=event_type):
        from_wire(received(type=event_type))


@pytest.mark.parametrize(
    ("data", "named"),
    [
        ({}, "task_id"),
        ({**UPDATED["data"], "version": "two"}, "version"),
        ({**UPDATED["data"], "more": 1}, "more"),
        ({**UPDATED["data"], "changes": {"title": {"before": 1}}}, "changes.title.after"),
        ([], "dictionary"),
        (None, "dictionary"),
    ],
)
def test_data_that_does_not_fit_the_schema_is_refused_and_the_place_named(data: Any, named: str) -> None:
    with pytest.raises(EventRejected, match=named):
        from_wire(received(data=data))


@pytest.mark.parametrize("time", ["yesterday", "", "2026-03-02", "2026-03-02T12:00:00"])
def test_a_time_that_is_no_instant_is_refused(time: str) -> None:
    with pytest.raises(EventRejected, match="RFC 3339"):
        from_wire(received(time=time))


def test_an_event_without_a_trace_is_taken() -> None:
    assert "" == from_wire(received(traceparent=None)).traceparent
