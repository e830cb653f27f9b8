"""Hold the rendered manifests of one installation against the rules.

`python -m deploy.policy build/aks/production/manifests`

Prints each violation and exits with 1 where there is one. The environment is the name of the folder above `manifests`.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from deploy.rules import RULES
from deploy.rules.manifests import Manifests, Object, name


@dataclass(frozen=True, slots=True, order=True)
class Violation:
    """A rule that an object breaks, and how."""

    rule: str
    subject: str
    reason: str

    def __str__(self) -> str:
        """Return one line: the object, what is wrong and the rule."""
        return f"{self.subject}: {self.reason} ({self.rule})"


def violations(documents: Sequence[Object], *, production: bool = True) -> list[Violation]:
    """Return what is wrong with the manifests of one installation, in the order of the rules."""
    manifests = Manifests(documents, production=production)
    found = (
        Violation(rule.__name__, f"{document.get('kind')} {name(document)}".strip(), reason)
        for rule in RULES
        for document, reason in rule(manifests)
    )
    return list(dict.fromkeys(found))


def read(folder: Path) -> list[Object]:
    """Return every object of the YAML files of a folder."""
    files = sorted(folder.glob("*.yaml"))
    return [one for file in files for one in yaml.safe_load_all(file.read_text(encoding="utf-8")) if one]


def main(arguments: Sequence[str]) -> int:
    """Check one folder; returns the exit code: 0 fine, 1 violations, 2 nothing to check."""
    if len(arguments) != 1:
        print("usage: python -m deploy.policy build/<cloud>/<environment>/manifests", file=sys.stderr)
        return 2
    folder = Path(arguments[0])
    documents = read(folder)
    if not documents:
        print(f"{folder}: there are no manifests", file=sys.stderr)
        return 2
    found = violations(documents, production=folder.resolve().parent.name == "production")
    for one in found:
        print(one)
    print(f"{folder}: {len(documents)} objects, {len(RULES)} rules, {len(found)} violations")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
