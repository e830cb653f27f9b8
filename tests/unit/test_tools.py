"""Tools in Go are pinned and built once for each change of what is pinned."""

from pathlib import Path

import pytest

from deploy.tools import tool

# What stands in for Go notes how it was called, and writes the package into the file after -o.
GO = """#!/bin/sh
echo "$@" >>"${0%/*}/calls"
while [ "$1" != -o ]; do shift; done
echo "$3" >"$2"
"""


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """Return a folder with one pinned tool, and one that is a program of ours."""
    for name, directive in (("hello", "tool example.org/cmd/hello\n"), ("ours", "require example.org v1.0.0\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "go.mod").write_text(f"module {name}\n\ngo 1.26.0\n\n{directive}")
        (tmp_path / name / "go.sum").touch()
    return tmp_path


@pytest.fixture
def go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put something in Go's place; return the file where it notes its calls."""
    (tmp_path / "go").write_text(GO)
    (tmp_path / "go").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path / "calls"


def test_a_tool_that_is_not_pinned_is_refused_with_those_that_are(tools: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        tool("bye", tools, tools)
    assert "ebb: no tool bye, but hello, ours" == ended.value.code


def test_a_machine_without_go_is_told_so_in_one_line(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tools))
    with pytest.raises(SystemExit) as ended:
        tool("hello", tools, tools)
    assert "ebb: hello is built on this machine; please install Go 1.26 or newer" == ended.value.code


def test_a_tool_is_the_pinned_package_or_the_module_itself(tools: Path, go: Path) -> None:
    assert "example.org/cmd/hello\n" == tool("hello", tools, tools).read_text()
    assert ".\n" == tool("ours", tools, tools).read_text()


def test_a_tool_is_built_again_only_when_what_is_pinned_changes(tools: Path, go: Path) -> None:
    first = tool("hello", tools, tools)
    assert first == tool("hello", tools, tools)
    assert 1 == len(go.read_text().splitlines())
    (tools / "hello" / "go.sum").write_text("example.org v1.0.1 h1:…\n")
    assert first != tool("hello", tools, tools)
    assert 2 == len(go.read_text().splitlines())
