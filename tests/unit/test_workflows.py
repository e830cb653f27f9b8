"""The workflows: what they run exists, what they use is pinned, and they ask for no more than they need."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = {path.name: path.read_text() for path in sorted(ROOT.glob(".github/workflows/*.yaml"))}
ACTIONS = {f"{path.parent.name}/action": path.read_text() for path in sorted(ROOT.glob(".github/actions/*/*.yaml"))}
BOTH = WORKFLOWS | ACTIONS
NOXFILE = (ROOT / "noxfile.py").read_text()
DELIVERY = (ROOT / "docs" / "delivery.md").read_text()
# Given to every run by GitHub, not set up by anybody.
GIVEN = {"GITHUB_TOKEN"}


def unpinned(text: str) -> list[str]:
    """Return the lines that use an action of others not by its whole commit with the version as a comment."""
    used = re.findall(r"^[ -]*uses:\s*(.+)$", text, flags=re.MULTILINE)
    pinned = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v?\d+\.\d+\.\d+")
    return [line for line in used if not line.startswith("./") and not pinned.fullmatch(line)]


def careless(text: str) -> list[str]:
    """Return what is wrong with the permissions and time limits of a workflow."""
    workflow = yaml.safe_load(text)
    wrong = [] if workflow.get("permissions") == {} else ["the workflow has permissions"]
    for name, job in workflow["jobs"].items():
        if not isinstance(job.get("permissions"), dict):
            wrong.append(f"{name} does not say its permissions")
        # A job that calls a workflow cannot have a limit; the jobs of that workflow have theirs.
        if "uses" not in job and "timeout-minutes" not in job:
            wrong.append(f"{name} has no time limit")
    return wrong


def credentials_left(text: str) -> int:
    """Count the checkouts that leave the token behind for what runs after them."""
    checkouts = [step for step in steps(yaml.safe_load(text)) if step.get("uses", "").startswith("actions/checkout@")]
    return sum(step.get("with", {}).get("persist-credentials") is not False for step in checkouts)


def steps(document: Any) -> Iterator[dict[str, Any]]:
    for job in [*document.get("jobs", {}).values(), document.get("runs", {})]:
        yield from job.get("steps", [])


def unknown_sessions(text: str, noxfile: str) -> set[str]:
    """Return the nox sessions that a workflow runs and the noxfile has not; `pythons-3.12` is one of `pythons`."""
    sessions = set(re.findall(r"^@nox\.session.*\ndef (\w+)\(", noxfile, flags=re.MULTILINE))
    return {name.replace("-", "_") for name in re.findall(r"nox -s \"?([a-z]+(?:-[a-z]+)*)", text)} - sessions


def undocumented(text: str, documentation: str) -> set[str]:
    """Return the variables and secrets that are used and have no row in the table."""
    rows = set(re.findall(r"^\| `([A-Z_]+)` \|", documentation, flags=re.MULTILINE))
    return set(re.findall(r"\b(?:vars|secrets)\.([A-Za-z_]+)", text)) - rows - GIVEN


def injected(text: str) -> list[str]:
    """Return the commands that an expression is written into, where the shell would run what it holds."""
    return [step["run"] for step in steps(yaml.safe_load(text)) if "${{" in step.get("run", "")]


@pytest.mark.parametrize("name", BOTH)
def test_every_action_of_others_is_pinned_by_commit_and_says_its_version(name: str) -> None:
    assert [] == unpinned(BOTH[name])


def test_a_tag_a_short_commit_and_a_missing_version_are_not_pinned() -> None:
    commit = "3d3c42e5aac5ba805825da76410c181273ba90b1"
    bad = ["actions/checkout@v7", f"actions/checkout@{commit[:7]} # v7.0.1", f"actions/checkout@{commit}"]
    bad += [f"actions/checkout@{commit} # v7", f"actions/checkout@{commit} # main"]
    assert bad == unpinned("".join(f"    - uses: {line}\n" for line in bad))
    assert [] == unpinned(f"    - uses: actions/checkout@{commit} # v7.0.1\n    - uses: ./.github/actions/setup\n")


def test_one_action_has_one_version_everywhere() -> None:
    used = re.findall(r"uses: ([\w./-]+)@([0-9a-f]{40})", "".join(BOTH.values()))
    assert len({action for action, _ in used}) == len(set(used))


@pytest.mark.parametrize("name", WORKFLOWS)
def test_every_job_says_its_permissions_and_how_long_it_may_take(name: str) -> None:
    assert [] == careless(WORKFLOWS[name])


def test_a_job_without_permissions_or_a_limit_is_found() -> None:
    bad = "permissions: {contents: read}\njobs:\n  a: {steps: []}\n  b: {permissions: write-all, timeout-minutes: 5}\n"
    assert [
        "the workflow has permissions",
        "a does not say its permissions",
        "a has no time limit",
        "b does not say its permissions",
    ] == careless(bad)


@pytest.mark.parametrize("name", BOTH)
def test_no_checkout_leaves_its_token_behind(name: str) -> None:
    assert 0 == credentials_left(BOTH[name])


def test_a_checkout_that_keeps_its_token_is_found() -> None:
    kept = "jobs: {a: {steps: [{uses: actions/checkout@x}, {uses: actions/checkout@x, with: {path: p}}]}}"
    assert 2 == credentials_left(kept)
    assert 0 == credentials_left("runs: {steps: [{uses: actions/checkout@x, with: {persist-credentials: false}}]}")


@pytest.mark.parametrize("name", BOTH)
def test_every_session_that_a_workflow_runs_exists(name: str) -> None:
    assert set() == unknown_sessions(BOTH[name], NOXFILE)


def test_a_session_that_does_not_exist_is_found() -> None:
    noxfile = (
        "@nox.session\ndef lint(session):\n    ...\n\n@nox.session(default=False)\ndef pythons(session):\n    ...\n"
    )
    assert set() == unknown_sessions('nox -s lint\nnox -s "pythons-$PYTHON"\nnox -s pythons-3.12\n', noxfile)
    assert {"lnit", "no_such"} == unknown_sessions("nox -s lnit -- x\nnox -s no-such\n", noxfile)


@pytest.mark.parametrize("name", BOTH)
def test_every_variable_and_secret_stands_in_the_table_of_the_documentation(name: str) -> None:
    assert set() == undocumented(BOTH[name], DELIVERY)


def test_the_table_has_no_row_that_nothing_uses() -> None:
    rows = set(re.findall(r"^\| `([A-Z_]+)` \|", DELIVERY, flags=re.MULTILINE))
    assert rows == set(re.findall(r"\b(?:vars|secrets)\.([A-Z_]+)", "".join(BOTH.values()))) - GIVEN


def test_a_variable_without_a_row_is_found() -> None:
    used = "${{ vars.URL }} ${{ secrets.KEY }} ${{ secrets.GITHUB_TOKEN }}"
    assert {"KEY"} == undocumented(used, "| `URL` | variable |\n")


@pytest.mark.parametrize("name", BOTH)
def test_no_expression_is_written_into_a_command(name: str) -> None:
    assert [] == injected(BOTH[name])


def test_an_expression_in_a_command_is_found() -> None:
    assert ["echo ${{ inputs.x }}"] == injected('runs: {steps: [{run: "echo ${{ inputs.x }}"}, {run: "echo $X"}]}')


def test_only_the_job_that_signs_and_those_that_deploy_can_ask_for_an_identity() -> None:
    jobs = [
        (name, job)
        for text in WORKFLOWS.values()
        for name, job in yaml.safe_load(text)["jobs"].items()
        if "id-token" in job["permissions"]
    ]
    assert {"sign", "staging", "production", "rollback"} == {name for name, _ in jobs}
    # The one that signs runs nothing of ours; those that deploy are held by the rules of their environment.
    assert ["sign"] == [name for name, job in jobs if "environment" not in job]
    assert not any("nox" in step.get("run", "") for name, job in jobs if name == "sign" for step in job["steps"])
