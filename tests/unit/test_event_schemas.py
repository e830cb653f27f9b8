"""Every event is a valid CloudEvent of its schema, and what is not valid is found."""

import json
from typing import Any

import pytest

from shared.events import EVENT_TYPES
from tests.events import generate
from tests.events.validation import faults

CREATED = "ebb.task.created.v1"


def golden(event_type: str = CREATED) -> dict[str, Any]:
    """Return the golden event of a type."""
    return dict(json.loads((generate.FOLDER / f"{event_type}.json").read_text()))


@pytest.mark.parametrize("event_type", sorted(EVENT_TYPES))
def test_a_golden_event_fits_the_cloudevents_format_and_its_own_schema(event_type: str) -> None:
    assert [] == faults(golden(event_type))


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("specversion", "0.3"),
        ("specversion", None),
        ("id", ""),
        ("id", 7),
        ("source", "/ebb/create task"),
        ("source", None),
        ("type", "ebb.task.eaten.v1"),
        ("type", None),
        ("datacontenttype", "text/plain"),
        ("dataschema", "urn:ebb:schema:ebb.task.updated.v1"),
        ("dataschema", "no uri"),
        ("subject", ""),
        ("time", "2026-03-02T12:00:00"),
        ("time", "2026-02-30T12:00:00Z"),
        ("partitionkey", None),
        ("traceparent", "00-0-0-00"),
        ("data", "text"),
        ("data", None),
        ("Extension", "x"),
        ("data_base64", "e30="),
    ],
)
def test_an_attribute_that_is_wrong_missing_or_not_ours_is_found(name: str, wrong: object) -> None:
    event = {key: value for key, value in {**golden(), name: wrong}.items() if value is not None}
    assert any(name in fault for fault in faults(event))


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("user_id", None),
        ("task_id", "7"),
        ("version", "2"),
        ("occurrence", "2026-03-31T09:00:00Z"),
        ("changes", {"title": {"before": 1}}),
        ("more", 1),
    ],
)
def test_data_that_does_not_fit_its_own_schema_is_found_at_its_place(field: str, wrong: object) -> None:
    event = golden()
    event["data"] |= {field: wrong}
    assert any(fault.startswith("$.data") and (field in fault) for fault in faults(event))


@pytest.mark.parametrize("wrong", ["2026-03-02T12:00:00", "noon", 12, None])
def test_an_instant_without_its_offset_does_not_fit(wrong: object) -> None:
    event = golden("ebb.reminder.fired.v1")
    event["data"] |= {"fired_at": wrong}
    assert any(fault.startswith("$.data.fired_at") for fault in faults(event))
