"""What holds the parts together: functions, manifests, events, dependencies, decisions and the size of things."""

import ast
import re
import subprocess
import tomllib
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from shared.embedded.manifests import load
from shared.events import EVENT_TYPES, ReminderDue

ROOT = Path(__file__).parents[2]
FUNCTIONS = sorted(path.parent.name for path in ROOT.glob("functions/*/main.py"))
NAMES = {folder.replace("_", "-") for folder in FUNCTIONS}
WIRING = load(ROOT)
PYPROJECT = (ROOT / "pyproject.toml").read_text()
# Made by the edge of the Dapr job, which also delivers it: nothing publishes it and no trigger waits for it.
MADE_OF_A_JOB = ReminderDue.type
# Direct dependencies that nothing imports, and why they are there.
NOT_IMPORTED = {
    "coverage": "the noxfile runs it",
    "httptools": "uvicorn takes it where it is there",
    "pytest-randomly": "a plugin that pytest loads by itself",
    "tzdata": "files that zoneinfo reads",
}


def parsed(*patterns: str) -> dict[str, ast.Module]:
    """Return modules by path; the migrations are Alembic's."""
    found = chain.from_iterable(ROOT.glob(pattern) for pattern in patterns)
    paths = {path.relative_to(ROOT).as_posix(): path for path in found}
    return {name: ast.parse(paths[name].read_text()) for name in sorted(paths) if "/versions/" not in name}


PRODUCT = parsed("functions/**/*.py", "shared/**/*.py")


def nodes(tree: ast.AST, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
    return (node for node in ast.walk(tree) if isinstance(node, kinds))


def imported(modules: dict[str, ast.Module]) -> set[str]:
    """Return the top-level names of everything imported, also inside functions."""
    found = set()
    for node in chain.from_iterable(map(ast.walk, modules.values())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("folder", FUNCTIONS)
def test_a_function_is_one_small_file_that_reads_top_to_bottom(folder: str) -> None:
    text = (ROOT / "functions" / folder / "main.py").read_text()
    tree = ast.parse(text)
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert [folder] == [name for name in names if not name.startswith("_")]
    assert 1 <= len((ast.get_docstring(tree) or "").splitlines()) <= 6
    assert [] == list(nodes(tree, ast.ClassDef, ast.Try))
    assert "environ" not in text
    assert len(text.splitlines()) <= 60


def test_every_function_is_reached_in_exactly_one_way() -> None:
    ways = Counter(
        [
            *{route.function for route in WIRING.routes},
            *{trigger.function for trigger in WIRING.triggers},
            *{tick.function for tick in WIRING.ticks},
            *{source.direct.function for source in WIRING.sources if source.direct},
            "fire-reminder",  # by its Dapr job
        ]
    )
    assert dict.fromkeys(NAMES, 1) == dict(ways)


def test_every_function_has_its_row_in_the_readme_and_the_table_has_no_others() -> None:
    _, heading, rest = (ROOT / "README.md").read_text().partition("\n## Functions\n")
    assert heading, "the README has no heading '## Functions'"
    rows = re.findall(r"^\|\s*`?([a-z0-9-]*[a-z0-9])`?\s*\|", rest.partition("\n## ")[0], flags=re.MULTILINE)
    assert sorted(NAMES) == sorted(set(rows) - {"function"})
    assert len(rows) == len(set(rows))


@pytest.mark.parametrize("event_type", sorted(EVENT_TYPES))
def test_every_event_type_has_a_schema_and_a_golden_file(event_type: str) -> None:
    folder = ROOT / "tests" / "events"
    assert (folder / f"{event_type}.schema.json").exists()
    assert (folder / f"{event_type}.json").exists()


@pytest.mark.parametrize("event_type", sorted(EVENT_TYPES.keys() - {MADE_OF_A_JOB}))
def test_every_event_type_has_an_emitter_and_a_consumer(event_type: str) -> None:
    name = EVENT_TYPES[event_type].__name__
    elsewhere = (tree for path, tree in PRODUCT.items() if path != "shared/events.py")
    assert any(node.id == name for tree in elsewhere for node in ast.walk(tree) if isinstance(node, ast.Name))
    assert any(trigger.wants({"type": event_type}) for trigger in WIRING.triggers)


@pytest.mark.parametrize("event_type", sorted(EVENT_TYPES.keys() - {MADE_OF_A_JOB}))
def test_the_topic_of_every_event_type_has_a_source(event_type: str) -> None:
    assert EVENT_TYPES[event_type].topic in {topic for source in WIRING.sources for topic in source.topics}


def types_in(part: Any, dialect: str) -> Iterator[str]:
    """Return the event types that filters of a dialect name, anywhere in a manifest."""
    if isinstance(part, dict):
        if isinstance(part.get(dialect), dict) and "type" in part[dialect]:
            yield part[dialect]["type"]
        yield from chain.from_iterable(types_in(value, dialect) for value in part.values())
    elif isinstance(part, list):
        yield from chain.from_iterable(types_in(value, dialect) for value in part)


def test_every_filter_names_event_types_that_exist() -> None:
    documents = [list(yaml.safe_load_all(path.read_text())) for path in sorted(ROOT.glob("eventing/*.yaml"))]
    exact, prefixes = (set(types_in(documents, dialect)) for dialect in ("exact", "prefix"))
    assert exact
    assert set() == exact - EVENT_TYPES.keys()
    assert [] == [prefix for prefix in prefixes if not any(name.startswith(prefix) for name in EVENT_TYPES)]


def direct_dependencies() -> tuple[set[str], set[str]]:
    """Return the names of what the product needs, and of what only its tests need."""
    project = tomllib.loads(PYPROJECT)
    extras = project["project"]["optional-dependencies"].values()
    product = (Requirement(line).name for line in chain(project["project"]["dependencies"], *extras))
    tests = (Requirement(line).name for line in project["dependency-groups"]["test"])
    return {*product} - {project["project"]["name"]}, {*tests}


def test_every_dependency_has_its_reason_on_its_line() -> None:
    product, tests = direct_dependencies()
    lines = {match[1]: match[0] for match in re.finditer(r'^ *"([\w.-]+)[^"]*",.*$', PYPROJECT, flags=re.MULTILINE)}
    without = {name for name in product | tests if not re.search(r"# \S+ \S+", lines[name])}
    assert set() == without


def test_every_dependency_is_imported_by_those_it_is_for() -> None:
    product, tests = direct_dependencies()
    names: dict[str, set[str]] = {}
    for module, distributions in packages_distributions().items():
        for distribution in distributions:
            names.setdefault(canonicalize_name(distribution), set()).add(module)
    by_product, by_tests = imported(PRODUCT), imported(parsed("tests/**/*.py", "noxfile.py"))
    unused = {name for name in product if not names.get(canonicalize_name(name), set()) & by_product}
    unused |= {name for name in tests if not names.get(canonicalize_name(name), set()) & by_tests}
    assert NOT_IMPORTED.keys() == unused


def test_each_decision_has_the_number_of_its_file_and_no_other_has_it() -> None:
    decisions = {path.name: path.read_text() for path in (ROOT / "docs" / "decisions").glob("*.md")}
    numbers = [int(name[:4]) for name in sorted(decisions)]
    assert list(range(1, len(numbers) + 1)) == numbers
    assert {} == {name: text for name, text in decisions.items() if not text.startswith(f"# {int(name[:4])}. ")}


def test_every_decision_tells_status_context_decision_and_consequences() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert decisions, "there is no decision in docs/decisions"
    parts = re.compile(r"^(?:## (Context|Decision|Consequences)|\*\*(Status):\*\* \w.*)$", flags=re.MULTILINE)
    told = {path.name: ["".join(part) for part in parts.findall(path.read_text())] for path in decisions}
    assert {} == {
        name: have for name, have in told.items() if have != ["Status", "Context", "Decision", "Consequences"]
    }


def test_nothing_is_left_to_do_in_any_file() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    # As words of their own: VTODO is iCalendar's name of a task.
    mark = re.compile(rb"\b(TO" + rb"DO|FIX" + rb"ME)\b")
    files = (ROOT / name.decode() for name in listed.stdout.split(b"\0") if name)
    assert [] == [path.name for path in files if path.is_file() and mark.search(path.read_bytes())]


def test_no_module_is_longer_than_200_lines() -> None:
    lengths = {name: len((ROOT / name).read_text().splitlines()) for name in PRODUCT}
    assert {} == {name: length for name, length in lengths.items() if length > 200}


def test_no_function_is_longer_than_40_lines() -> None:
    lengths = {
        f"{name}:{node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for name, tree in PRODUCT.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {} == {name: length for name, length in lengths.items() if length > 40}


def test_only_the_outermost_edge_and_the_relay_catch_whatever_comes() -> None:
    broad = set()
    for name, tree in PRODUCT.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler):
                caught = {"BaseException"} if node.type is None else {ast.unparse(n) for n in ast.walk(node.type)}
                broad |= {name} if caught & {"Exception", "BaseException"} else set()
    assert set() == broad - {"shared/answers.py"}


def test_only_the_start_reads_the_environment() -> None:
    readers = {
        name
        for name, tree in PRODUCT.items()
        if not name.startswith("shared/embedded/")
        and any(isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"} for node in ast.walk(tree))
    }
    assert {"shared/bootstrap.py", "shared/migrate.py", "shared/runtime.py"} == readers
