"""Building the real parts asks for what is missing, in one line."""

from pathlib import Path

import pytest

from tests.stack.build import build


def _install(folder: Path, *tools: str) -> None:
    for tool in tools:
        (folder / tool).touch(mode=0o755)


@pytest.mark.parametrize(
    ("installed", "asked_for"),
    [
        ([], "Go 1.26 or newer, a Java 17 JDK, Maven 3"),
        (["go", "mvn"], "a Java 17 JDK"),
        (["go", "mvn", "java"], "a Java 17 JDK (a runtime alone does not do)"),
        (["java", "javac"], "Go 1.26 or newer, Maven 3"),
    ],
)
def test_tools_that_are_missing_are_named_in_one_line(
    installed: list[str], asked_for: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _install(tmp_path, *installed)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit) as ended:
        build()
    assert f"ebb: the real parts are built and run on this machine; please install {asked_for}" == ended.value.code
