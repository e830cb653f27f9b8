"""Logs: one JSON line each, with the context of the invocation, and never the values a function worked with."""

import contextvars
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from shared import log

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Configure the log and return what reads its lines."""
    file = io.StringIO()
    log.configure("info", file)
    yield lambda: [json.loads(line) for line in file.getvalue().splitlines()]
    structlog.reset_defaults()


def run(work: Callable[[], object]) -> None:
    """Run in a context of its own, as each request does."""
    contextvars.copy_context().run(work)


def test_a_line_is_json_with_level_and_utc_time(lines: Lines) -> None:
    structlog.get_logger().warning("publishing waits", reason="ü\n")
    (line,) = lines()
    assert ("publishing waits", "warning", "ü\n", "Z") == (
        line["event"], line["level"], line["reason"], line["timestamp"][-1],
    )  # fmt: skip


def test_what_was_bound_since_the_invocation_began_is_on_every_line(lines: Lines) -> None:
    def invocation() -> None:
        log.begin(function="create-task")
        log.bind(user_id="alice")
        structlog.get_logger().info("one", user_id="the line's own wins")
        structlog.get_logger().info("two")

    run(invocation)
    assert [("create-task", "the line's own wins"), ("create-task", "alice")] == [
        (line["function"], line["user_id"]) for line in lines()
    ]


def test_what_an_inner_part_binds_reaches_the_context_that_the_edge_began() -> None:
    def invocation() -> None:
        context = log.begin(function="create-task")
        contextvars.copy_context().run(lambda: log.bind(task_id="1"))
        assert {"function": "create-task", "task_id": "1"} == context

    run(invocation)


def test_invocations_do_not_see_each_others_context(lines: Lines) -> None:
    run(lambda: log.begin(user_id="alice"))
    run(lambda: structlog.get_logger().info("bob's"))
    assert "user_id" not in lines()[0]


def test_lines_below_the_level_are_not_written(lines: Lines) -> None:
    structlog.get_logger().debug("noise")
    assert [] == lines()


def test_an_exception_is_told_with_its_place_but_without_the_values_of_its_variables(lines: Lines) -> None:
    def fails(title: str) -> None:
        raise ValueError(len(title))

    try:
        fails("Buy a ring for Bob")
    except ValueError:
        structlog.get_logger().exception("unexpected error")
    (line,) = lines()
    assert "fails" == line["exception"][0]["frames"][-1]["name"]
    assert "Buy a ring" not in json.dumps(line)


def test_a_log_file_goes_on_and_a_large_one_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "ebb.log"
    for line in ("one\n", "two\n"):
        with log.open_file(path) as file:
            file.write(line)
    assert "one\ntwo\n" == path.read_text()
    monkeypatch.setattr(log, "_LARGE", 5)
    log.open_file(path).close()
    assert ("", "one\ntwo\n") == (path.read_text(), (tmp_path / "ebb.1.log").read_text())
