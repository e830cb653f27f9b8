"""`clouds/local/install.sh`: it keeps its hands off clusters that are not local."""

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "clouds" / "local" / "install.sh"


def install(folder: Path, context: str, *arguments: str) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run the script with commands that only note how they were called; kubectl tells the current context."""
    calls = folder / "calls"
    calls.touch()
    for name in ("kubectl", "helm", "curl"):
        command = folder / name
        command.write_text(
            f'#!/bin/sh\necho "{name} $*" >> "{calls}"\ncase "$*" in "config current-context") echo {context};; esac\n'
            'while [ $# -gt 0 ]; do [ "$1" = --output ] && echo "kind: List" > "$2"; shift; done; exit 0\n'
        )
        command.chmod(0o755)
    environment = os.environ | {"PATH": f"{folder}:{os.environ['PATH']}"}
    done = subprocess.run([SCRIPT, *arguments], env=environment, capture_output=True, text=True, check=False)
    return done, calls.read_text().splitlines()


@pytest.mark.parametrize("context", ["production", "gke_ebb_europe-west1_main", "my-kind-1"])
def test_a_current_context_that_is_not_local_is_refused(tmp_path: Path, context: str) -> None:
    done, calls = install(tmp_path, context)
    assert 1 == done.returncode
    assert f"--context {context}" in done.stderr
    assert ["kubectl config current-context"] == calls


def test_everything_goes_to_the_context_that_was_named(tmp_path: Path) -> None:
    done, calls = install(tmp_path, "production", "--context", "mine", "--kafka")
    assert 0 == done.returncode, done.stderr
    changing = [call for call in calls if not call.startswith("curl")]
    assert [] == [call for call in changing if "--context mine" not in call and "--kube-context mine" not in call]
    assert any("eventing-kafka-source" in call for call in calls)


def test_what_was_not_asked_for_is_not_installed(tmp_path: Path) -> None:
    _, calls = install(tmp_path, "kind-ebb")
    extra = ("eventing-kafka", "cert-manager", "strimzi", "cnpg")
    assert [] == [call for call in calls if any(name in call for name in extra)]
