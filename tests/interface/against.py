"""Runs Schemathesis over the document that a server serves, as each of two users who must not see each other."""

import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from benchmarks.support.server import Server

HERE = Path(__file__).parent
ALL = "examples,coverage,fuzzing,stateful"
# A stream ends by itself after this long (seconds), so that the reading of it does too.
SETTINGS = {"STREAM_SECONDS": "1"}
_GENERATED = re.compile(r"^ *(\d+) generated", re.MULTILINE)
_SELECTED = re.compile(r"Tested: (\d+)")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one user's run came to; `told` is all that Schemathesis printed."""

    user: str
    failed: bool
    operations: int
    cases: int
    told: str


def run(server: Server, folder: Path, *, seed: int, max_examples: int, phases_of_bob: str = ALL) -> list[Outcome]:
    """Run as each user, at the same time. Raises `RuntimeError` where a token did not outlive its run."""
    tokens = {"local": server.token, "bob": second_token(server)}
    entries = [
        {"name": user, "fixedHeaders": [{"name": "Authorization", "value": f"Bearer {token}"}]}
        for user, token in tokens.items()
    ]
    users = folder / "users.json"
    users.write_text(json.dumps({"auth": entries}))
    owned = [one["id"] for token in tokens.values() for one in _tokens(server, token)]
    hooks = {"EBB_OWN_TOKENS": ",".join(owned), "SCHEMATHESIS_HOOKS": "tests.interface.formats"}
    phases = {"local": ALL, "bob": phases_of_bob}

    def as_user(user: str) -> Outcome:
        amount = ["--phases", phases[user], "--seed", str(seed), "--max-examples", str(max_examples)]
        return _run(server, folder, user, hooks, amount)

    with ThreadPoolExecutor(len(tokens)) as pool:
        outcomes = list(pool.map(as_user, tokens))
    if owned != [one["id"] for token in tokens.values() for one in _tokens(server, token) if one["id"] in owned]:
        raise RuntimeError("a token was lost on the way, so the run says nothing")
    return outcomes


def second_token(server: Server) -> str:
    """Return a token of a second user, made as an operator makes one."""
    settings = {"DATABASE_URL": server.database_url, "DAPR_HTTP_ENDPOINT": "http://127.0.0.1:1"}
    command = [sys.executable, "-m", "shared.issue_token", "bob", "read", "write"]
    done = subprocess.run(command, env=os.environ | settings, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _tokens(server: Server, token: str) -> list[dict[str, Any]]:
    """Return the tokens of a user. Raises `httpx.HTTPStatusError` for a token that is one no more."""
    headers = {"authorization": f"Bearer {token}"}
    answer = httpx.get(f"{server.url}/v1/tokens", headers=headers, trust_env=False, timeout=30)
    return list(answer.raise_for_status().json()["tokens"])


def _run(server: Server, folder: Path, user: str, hooks: dict[str, str], amount: list[str]) -> Outcome:
    own = folder / user
    own.mkdir()
    config = own / "schemathesis.toml"
    who = f'\n[auth.wfc]\npath = "{folder / "users.json"}"\nuser = "{user}"\npeers = ["local", "bob"]\n'
    config.write_text((HERE / "schemathesis.toml").read_text() + who)
    command = [
        sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run", f"{server.url}/openapi.json",
        "--checks", "all", "--continue-on-failure", "--no-color", *amount,
        "--include-path-regex", ".",  # also that of the document, which it leaves out by itself
    ]  # fmt: skip
    # In a folder of its own: what it keeps of a run would be tried first in the next.
    environment = os.environ | hooks | {"PYTHONPATH": str(HERE.parents[1])}
    done = subprocess.run(command, cwd=own, env=environment, capture_output=True, text=True, check=False)
    told = done.stdout + done.stderr
    cases, operations = _GENERATED.search(told), _SELECTED.search(told)
    return Outcome(
        user, done.returncode != 0, int(operations[1]) if operations else 0, int(cases[1]) if cases else 0, told
    )
