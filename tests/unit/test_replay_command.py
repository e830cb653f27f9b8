"""`nox -s replay`: it says what went out and what still waits, and never shows a stack trace."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from shared.replay import main, replay

FIRST: dict[str, Any] = {
    "id": "l1", "type": "ebb.task.created.v1", "function": "write-audit", "reason": "status 503", "count": 1,
    "received_at": "2026-03-02T12:00:00Z",
}  # fmt: skip
POISON = FIRST | {"id": "l2", "type": None, "function": None, "reason": "no \x1b[2J JSON", "count": 3}


class Server:
    """The admin paths over a list that a replay empties of what has a type; one letter a page, newest first."""

    def __init__(self, *letters: dict[str, Any]) -> None:
        self.letters = list(letters)
        self.asked: list[object] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        if request.method == "GET":
            start = int(request.url.params.get("cursor", 0))
            page = self.letters[::-1][start : start + 1]
            following = str(start + 1) if start + 1 < len(self.letters) else None
            return httpx.Response(200, json={"dead_letters": page, "next": following})
        self.asked.append(json.loads(request.content))
        replayed = [letter for letter in self.letters if letter["type"]]
        self.letters = [letter for letter in self.letters if not letter["type"]]
        return httpx.Response(200, json={"replayed": len(replayed), "kept": len(self.letters)})


def client(answer: Any) -> httpx.Client:
    return httpx.Client(transport=httpx.MockTransport(answer), base_url="http://ebb")


def test_it_lists_what_it_replayed_oldest_first(capsys: pytest.CaptureFixture[str]) -> None:
    server = Server(FIRST, FIRST | {"id": "l3"})
    with client(server) as http:
        assert 0 == replay(http, {"function": "write-audit"})
    lines = capsys.readouterr().out.splitlines()
    assert ["replayed", "replayed", "2"] == [line.split()[0] for line in lines]
    assert ["l1", "l3"] == [line.split()[-1] for line in lines[:2]]
    assert [{"function": "write-audit"}] == server.asked


def test_what_still_waits_is_shown_with_its_reason_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    with client(Server(FIRST, POISON)) as http:
        assert 1 == replay(http, {})
    assert [
        "replayed  2026-03-02T12:00:00Z  ebb.task.created.v1  write-audit  l1",
        "waiting   2026-03-02T12:00:00Z  no event  ?  l2 (3 times): no ?[2J JSON",
        "1 replayed, 1 cannot be replayed, 1 waiting",
    ] == capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            httpx.Response(403, json={"detail": "no"}, headers={"content-type": "application/problem+json"}),
            "scope admin",
        ),
        (httpx.Response(502, text="<html>"), "502 Bad Gateway"),
    ],
)
def test_a_refusal_says_what_is_missing(answer: httpx.Response, told: str) -> None:
    with client(lambda _: answer) as http, pytest.raises(SystemExit, match=told):
        replay(http, {})


def test_a_token_file_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--token-file", str(tmp_path / "none")])
    assert "--token-file" in capsys.readouterr().err
