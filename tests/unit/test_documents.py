"""The documents name what exists: sessions of nox, paths, links, anchors, Secrets and their keys."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.settings import Settings

ROOT = Path(__file__).parents[2]
DOCUMENTS = {path.relative_to(ROOT).as_posix(): path for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]}
TOP = {path.name for path in ROOT.iterdir() if path.is_dir()} | {".github"}
# Made by runs, not by anybody here.
MADE = {"build", ".ebb", ".ebb-stack", ".cache", ".venv"}
# Secrets that an operator makes of an object, or that only the part knows which makes them.
OF_OPERATORS = {"ebb-kafka", "ebb-cluster-ca-cert", "ebb-tls", "ebb-acme"}
DEPLOYMENT = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")

Keys = set[tuple[str, str]]


def sessions(text: str) -> set[str]:
    """Return the nox sessions that a text runs."""
    return {name.replace("-", "_") for name in re.findall(r"nox -s ([a-z]+(?:-[a-z]+)*)", text)}


def paths(text: str) -> set[str]:
    """Return the paths of this repository that a text names in code, without those that hold a placeholder."""
    words = re.findall(r"(?<![\w/.:-])([\w.-]+/[\w./-]*)", " ".join(re.findall(r"`([^`\n]+)`", text)))
    return {word.rstrip("./") for word in words if word.split("/")[0] in TOP - MADE}


def links(text: str) -> set[str]:
    """Return the links of a text that stay in this repository."""
    return {
        link for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link and not link.startswith("mailto:")
    }


def anchors(text: str) -> set[str]:
    """Return what its headings can be linked by, as GitHub spells it."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def described(text: str) -> Keys:
    """Return the rows of the table of Secrets."""
    return set(re.findall(r"^\| `([a-z-]+)` \| `([\w.]+)` \|", text, flags=re.MULTILINE))


def read(document: Any) -> Iterator[tuple[str, str]]:
    """Yield each (Secret, key) that a manifest or a func.yaml reads, or puts together."""
    if isinstance(document, list):
        for one in document:
            yield from read(one)
    elif isinstance(document, dict):
        if document.get("kind") == "ExternalSecret":
            yield from _put_together(document)
        for field, value in document.items():
            if field == "secretKeyRef" and isinstance(value, dict):
                yield value["name"], value["key"]
            elif field == "imagePullSecrets":
                yield from ((one["name"], ".dockerconfigjson") for one in value)
            else:
                yield from read(value)
    elif isinstance(document, str):
        yield from re.findall(r"\{\{ *secret:([^:}\s]+):([^}\s]+) *\}\}", document)


def _put_together(external: dict[str, Any]) -> Iterator[tuple[str, str]]:
    target = external["spec"].get("target", {})
    keys = target.get("template", {}).get("data") or [one["secretKey"] for one in external["spec"]["data"]]
    yield from ((target.get("name", external["metadata"]["name"]), key) for key in keys)


def used() -> Keys:
    """Return each (Secret, key) of all manifests, overlays and func.yaml files, but those of operators."""
    folders = ("dapr", "eventing", "knative", "security", "functions", "clouds")
    files = [ROOT / "func.yaml", *(file for folder in folders for file in (ROOT / folder).rglob("*.yaml"))]
    found = {key for file in files for one in yaml.safe_load_all(file.read_text(encoding="utf-8")) for key in read(one)}
    return {(secret, key) for secret, key in found if secret not in OF_OPERATORS}


@pytest.mark.parametrize(
    ("finder", "text", "expected"),
    [
        (sessions, "run `nox -s one-two -- x` and nox -s three", {"one_two", "three"}),
        (paths, "`docs/x.md`, `a/b`, `do docs/y.md z`, `/v1/docs/z`, `docs/<n>`", {"docs/x.md", "docs/y.md", "docs"}),
        (links, "[a](b.md#c) [d](https://e.f) [g](../h)", {"b.md#c", "../h"}),
        (anchors, "# A `b`, c's d\n```\n# not one\n```\n### E", {"a-b-cs-d", "e"}),
        (described, "| `a-b` | `c.d` | x |\n| `e` | f |", {("a-b", "c.d")}),
    ],
)  # fmt: skip
def test_what_is_looked_for_is_found(finder: Any, text: str, expected: set[Any]) -> None:
    assert expected == finder(text)


def test_keys_are_found_wherever_a_secret_is_read() -> None:
    made = {"kind": "ExternalSecret", "metadata": {"name": "d"}, "spec": {"data": [{"secretKey": "k"}]}}
    document = [{"x": {"secretKeyRef": {"name": "a", "key": "b"}}}, "{{ secret:c:d }}", made]
    assert {("a", "b"), ("c", "d"), ("d", "k")} == set(read(document))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_session_exists(name: str) -> None:
    defined = re.findall(r"^@nox\.session.*\ndef (\w+)\(", (ROOT / "noxfile.py").read_text(), flags=re.MULTILINE)
    assert set() == sessions(DOCUMENTS[name].read_text(encoding="utf-8")) - set(defined)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_path_exists(name: str) -> None:
    assert [] == [path for path in sorted(paths(DOCUMENTS[name].read_text(encoding="utf-8"))) if not exists(path)]


def exists(path: str) -> bool:
    # A module may be named without what its file ends with.
    return (ROOT / path).exists() or (ROOT / f"{path}.py").exists()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_leads_somewhere(name: str) -> None:
    for link in links(DOCUMENTS[name].read_text(encoding="utf-8")):
        file, _, anchor = link.partition("#")
        target = DOCUMENTS[name].parent / file if file else DOCUMENTS[name]
        assert target.exists(), link
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), link


def test_the_table_of_secrets_has_every_key_that_is_read_and_no_other() -> None:
    assert used() == described(DEPLOYMENT)


def test_every_setting_of_the_table_exists() -> None:
    (table,) = re.findall(r"^## Settings$(.+?)^## ", DEPLOYMENT, flags=re.MULTILINE | re.DOTALL)
    rows = re.findall(r"^\| (.+?) \|", table, flags=re.MULTILINE)
    named = {name.lower() for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}
    assert named
    assert set() == named - Settings.model_fields.keys()
