"""Send dead letters again, when the fault is gone: `nox -s replay -- --url … --token-file … [--function NAME]`.

Lists what waits, replays it in one transaction, and says what still waits and why. Exits with 1 when something does.
"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import httpx

PATH = "/v1/admin/dead-letters"


def main(arguments: list[str]) -> int:
    """Replay what the arguments name; return the exit status. Raises `SystemExit` with what is wrong."""
    import httpx

    options = _options(arguments)
    wanted = {name: value for name in ("function", "type") if (value := getattr(options, name)) is not None}
    headers = {"authorization": f"Bearer {options.token_file.read_text().strip()}"}
    local = urlsplit(options.url).hostname in {"127.0.0.1", "localhost"}
    with httpx.Client(base_url=options.url, headers=headers, timeout=60, trust_env=not local) as client:
        try:
            return replay(client, wanted)
        except httpx.TransportError as error:
            raise SystemExit(f"ebb: {options.url} does not answer: {error}") from None


def replay(client: "httpx.Client", wanted: dict[str, str]) -> int:
    """Replay what waits and fits; print each; return 1 when something still waits."""
    before = _waiting(client, wanted)
    done = _checked(client.post(f"{PATH}/replay", json=wanted)).json()
    after = _waiting(client, wanted)
    left = {letter["id"] for letter in after}
    for letter in before:
        if letter["id"] not in left:
            _say(f"replayed  {_line(letter)}")
    for letter in after:
        _say(f"waiting   {_line(letter)}: {letter['reason']}")
    _say(f"{done['replayed']} replayed, {done['kept']} cannot be replayed, {len(after)} waiting")
    return 1 if after else 0


def _waiting(client: "httpx.Client", wanted: dict[str, str]) -> list[dict[str, Any]]:
    """Return all that waits, oldest first."""
    found, query = list[dict[str, Any]](), {"state": "waiting", "limit": "200", **wanted}
    while True:
        page = _checked(client.get(PATH, params=query)).json()
        found += page["dead_letters"]
        if page["next"] is None:
            return found[::-1]
        query["cursor"] = page["next"]


def _checked(answer: "httpx.Response") -> "httpx.Response":
    if answer.is_success:
        return answer
    problem = answer.json() if "json" in answer.headers.get("content-type", "") else {}
    hint = "; the token needs the scope admin" if answer.status_code == 403 else ""
    raise SystemExit(f"ebb: {answer.status_code} {problem.get('detail') or answer.reason_phrase}{hint}")


def _line(letter: dict[str, Any]) -> str:
    times = f" ({letter['count']} times)" if letter["count"] > 1 else ""
    return (
        f"{letter['received_at']}  {letter['type'] or 'no event'}  {letter['function'] or '?'}  {letter['id']}{times}"
    )


def _say(line: str) -> None:
    # What strangers published is shown, but may not steer the terminal.
    sys.stdout.write("".join(character if character.isprintable() else "?" for character in line) + "\n")


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="nox -s replay --", description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8080")
    parser.add_argument("--token-file", type=Path, default=Path(".ebb/token"), help="of a token with the scope admin")
    parser.add_argument("--function", help="only what this function did not take, for example write-audit")
    parser.add_argument("--type", help="only events of this type, for example ebb.task.created.v1")
    options = parser.parse_args(arguments)
    if not options.token_file.is_file():
        parser.error(f"there is no token in {options.token_file}; name the file with --token-file")
    return options


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
