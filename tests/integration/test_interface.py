"""The interface keeps to its own description, whatever fits the schemas, does not, or follows from an answer.

Schemathesis with all of its checks, in all of its phases, against a whole server, as two users at once who must not see
each other. Its seed is fixed. What is done so that it fits: an event stream ends after a second (a setting of the
product); values of formats that JSON Schema does not know, such as zones and rules, come from
tests/interface/formats.py; each request has an Idempotency-Key of its own, revokes none of the tokens that the run is
made with, and takes no word of a path for an id (a guessed link does, of /v1/tasks/batch); and a 422 to what fits the
schema passes only where its message is one of the rules that are listed there, which are those that no schema can say.
The coverage phase, which has as many requests as it needs, is run for one user here and for both by
`nox -s schemathesis -- --max-examples 200`.
"""

from pathlib import Path

from benchmarks.support.server import Server
from shared.openapi import OPERATIONS
from tests.interface.against import SETTINGS, run


def test_every_answer_is_as_the_document_says_and_every_wrong_request_is_refused(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", environment=SETTINGS)
    server.start()
    try:
        outcomes = run(server, tmp_path, seed=1, max_examples=4, phases_of_bob="examples,fuzzing,stateful")
    finally:
        server.stop()
    print(*(one.told for one in outcomes if one.failed))
    assert [] == [one.user for one in outcomes if one.failed]
    assert {len(OPERATIONS)} == {one.operations for one in outcomes}
