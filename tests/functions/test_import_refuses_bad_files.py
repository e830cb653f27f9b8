"""Files that are no file of their format, or too much of one: refused as a whole, and no table changed.

What is wrong inside of a file is left out and named in the report: tests/unit/test_ical_fuzz.py and
tests/functions/test_import_tasks.py.
"""

import json

import pytest

from tests.functions.test_every_path_refuses_bad_requests import INVALID, essence
from tests.functions.ways import all_scopes, contents
from tests.harness import Ebb

MOST = 10_000  # tasks in one file
TOO_LARGE = (413, "urn:ebb:problem:body-too-large")
VTODO = b"BEGIN:VTODO\r\nUID:%d\r\nSUMMARY:a\r\nEND:VTODO\r\n"
CSV = b"TYPE,CONTENT,DESCRIPTION,PRIORITY,INDENT,AUTHOR,RESPONSIBLE,DATE,DATE_LANG,TIMEZONE\r\n"
TOO_MANY = {
    "ics": b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + b"".join(VTODO % n for n in range(MOST + 1)) + b"END:VCALENDAR\r\n",
    "json": json.dumps({"tasks": [{"uid": str(n), "title": "a"} for n in range(MOST + 1)]}).encode(),
    "csv": CSV + b"task,a,,4,1,,,,en,UTC\r\n" * (MOST + 1),
}
NO_FILES = {
    "nothing": b"", "NUL": b"\x00" * 1_000, "half of UTF-8": b"\xc3", "a picture": b"\x89PNG\r\n\x1a\n\x00",
    "controls": b"\x01\x1b[2J\x7f", "UTF-16": "BEGIN:VCALENDAR".encode("utf-16"), "gzip": b"\x1f\x8b\x08\x00",
    "deep": b"[" * 100_000, "deep objects": b'{"tasks":' * 100_000, "a word": b"hello", "one long line": b"a" * 2**20,
}  # fmt: skip


@pytest.mark.parametrize("form", TOO_MANY)
async def test_what_is_no_file_of_its_format_or_holds_too_much_changes_nothing(ebb: Ebb, form: str) -> None:
    headers = {"authorization": await all_scopes(ebb)}
    await ebb.call("GET", "/v1/tags", user="", **headers)
    before, wrong = await contents(ebb), list[str]()
    limit = 8 * ebb.parts.settings.max_body_bytes
    tried = {name: (INVALID, body) for name, body in {**NO_FILES, "too many": TOO_MANY[form]}.items()}
    tried["too large"] = (TOO_LARGE, b" " * (limit + 1))
    tried["too large at its end"] = (TOO_LARGE, TOO_MANY[form].ljust(limit + 1))
    for name, (expected, body) in tried.items():
        answer = await ebb.call("POST", f"/v1/import?format={form}", body, user="", **headers)
        if essence(answer) != expected or len(answer.content) > 2_000:
            wrong.append(f"{name}: {answer.status_code} {answer.text[:200]}")
    assert [] == wrong
    assert before == await contents(ebb)
