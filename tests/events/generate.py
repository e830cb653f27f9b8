"""Write the schema and the golden file of every event type: `python -m tests.events.generate`.

`<type>.schema.json` is the JSON Schema of the payload, `<type>.json` one whole CloudEvent as it is on the wire.
"""

import datetime as dt
import json
from pathlib import Path
from typing import Any
from uuid import UUID

from shared.envelope import SCHEMA_PREFIX, Event, to_wire
from shared.events import EVENT_TYPES
from shared.payload import Payload

FOLDER = Path(__file__).parent
TIME = dt.datetime(2026, 3, 2, 12, 0, 0, 250_000, tzinfo=dt.UTC)
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
# One value for each field of a payload.
VALUES: dict[str, Any] = {
    "user_id": "alice",
    "actor": "alice",
    "task_id": UUID("0195564d-3a80-7c3e-9b1f-4e5d6c7b8a91"),
    "token_id": UUID("0195564d-3a80-7c3e-9b1f-4e5d6c7b8a96"),
    "scopes": ("read", "write"),
    "expires_at": dt.datetime(2026, 5, 31, 12, tzinfo=dt.UTC),
    "series_id": UUID("0195564d-3a80-7c3e-9b1f-4e5d6c7b8a92"),
    "tag_id": UUID("0195564d-3a80-7c3e-9b1f-4e5d6c7b8a93"),
    "reminder_id": UUID("0195564d-3a80-7c3e-9b1f-4e5d6c7b8a94"),
    "notification_id": UUID("0195564d-3a80-7c3e-9b1f-4e5d6c7b8a95"),
    "version": 2,
    "occurrence": dt.datetime(2026, 3, 31, 9),  # noqa: DTZ001  (a local date-time)
    "changes": {
        "title": {"before": "Miete", "after": "Miete überweisen"},
        "due": {
            "before": None,
            "after": {
                "date": "2026-03-31",
                "time": "09:00",
                "time_zone": "Europe/Berlin",
                "at": "2026-03-31T07:00:00Z",
            },
        },
    },
    "merged_into": UUID("0195564d-3a80-7c3e-9b1f-4e5d6c7b8a96"),
    "filter_id": UUID("0195564d-3a80-7c3e-9b1f-4e5d6c7b8a97"),
    "feed_id": UUID("0195564d-3a80-7c3e-9b1f-4e5d6c7b8a98"),
    "query": {"q": ["miete -auto"], "tag": ["Zuhause", "Büro"]},
    "rule": "FREQ=MONTHLY;BYMONTHDAY=-1",
    "name": "Zuhause",
    "fire_at": dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC),
    "fired_at": TIME,
    "late": False,
    "channel": "email",
    "attempts": 1,
    "reason": "550 5.1.1 no such user",
}


def example(kind: type[Payload]) -> Payload:
    """Return a payload with every field set; a `KeyError` names a field that `VALUES` lacks."""
    return kind.model_validate({name: VALUES[name] for name in kind.model_fields})


def golden(kind: type[Payload]) -> str:
    """Return the golden file."""
    return text_of(to_wire(Event(f"example-of-{kind.type}", "/ebb/example", TIME, example(kind), TRACEPARENT)))


def schema(kind: type[Payload]) -> str:
    """Return the JSON Schema (2020-12) of a payload; its `$id` is the `dataschema` of the events."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_PREFIX + kind.type}
    return text_of(head | kind.model_json_schema())


def text_of(value: object) -> str:
    """Return JSON as it is kept in the tree."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def files() -> dict[str, str]:
    """Return every file by name."""
    schemas = {f"{name}.schema.json": schema(kind) for name, kind in EVENT_TYPES.items()}
    return schemas | {f"{name}.json": golden(kind) for name, kind in EVENT_TYPES.items()}


def main() -> None:
    """Write every file and remove what belongs to no event."""
    for path in FOLDER.glob("*.json"):
        path.unlink()
    for name, text in files().items():
        (FOLDER / name).write_text(text)


if __name__ == "__main__":
    main()
