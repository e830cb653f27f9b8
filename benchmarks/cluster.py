"""From zero on a real cluster: `nox -s bench -- cluster [from-zero|reminders|idle …] [--rounds N] [--namespace NAME]`.

Needs the surroundings that tests/cluster/installation.py names, and a cluster whose functions go to zero within a
minute (`stable-window: 10s` in Knative's config-autoscaler; how long it takes from zero does not depend on it). Makes
an installation of its own unless one is named, beside it a bare hello-world of functions-framework in the same image,
and prints tables.
"""

import argparse
import datetime as dt
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmarks.support.at_zero import Calls, hello_world, memory
from tests.cluster.installation import Installation

_AHEAD = 60.0  # seconds from a command until its reminder rings: what it woke must have gone to zero by then


def from_zero(installation: Installation, rounds: int) -> None:
    """Call each function when it has no pod; and follow an event through functions that all have none."""
    calls = Calls(installation)
    with hello_world(installation):
        seconds: dict[str, list[float]] = {name: [] for name in ("hello-world", *calls.names, "create to audit row")}
        for round_ in range(1, rounds + 1):
            installation.await_zero(patience=400)
            created, answered = calls.create()
            seconds["create-task"].append(answered)
            seconds["create to audit row"].append(calls.await_audit(created))
            for name in ("hello-world", "query-tasks", "fire-reminder", "complete-task"):
                time.sleep(3)  # the CPU's, not the clock's: what the call before woke has started by then
                seconds[name].append(calls.call(name))
            told = (f"{name} {some[-1]:.2f}" for name, some in seconds.items())
            print(f"round {round_}: {', '.join(told)}", flush=True)
    base = statistics.median(seconds["hello-world"])
    print(f"\n{'from zero, seconds':<24}{'p50':>8}{'max':>8}{'ratio':>8}")
    for name, some in seconds.items():
        print(f"{name:<24}{statistics.median(some):>8.2f}{max(some):>8.2f}{statistics.median(some) / base:>8.2f}")


def reminders(installation: Installation, rounds: int) -> None:
    """Let reminders ring when fire-reminder has no pod, and every other function neither but for the ticks."""
    calls, lateness = Calls(installation), []
    for round_ in range(1, rounds + 1):
        due = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=_AHEAD)
        task = calls.remind(due)
        installation.await_zero(patience=400)
        slack = (due - dt.datetime.now(dt.UTC)).total_seconds()
        assert slack > 4, (
            f"{slack:.0f} s before the reminder functions are still there: shorten the cluster's stable-window"
        )
        lateness.append(calls.await_fired(task, slack))
        print(f"round {round_}: {lateness[-1] * 1000:.1f} ms late", flush=True)
    figures = ", ".join(f"{name} {value * 1000:.1f}" for name, value in _figures(lateness).items())
    print(f"\nreminders from zero, ms late: {figures}; within 250 ms: {sum(x <= 0.25 for x in lateness)} of {rounds}")


def idle(installation: Installation, _rounds: int) -> None:
    """Print what runs when every function is at zero, by its working set."""
    installation.await_zero(patience=400)
    time.sleep(5)
    used = memory(installation)
    for name, mebibytes in used.items():
        print(f"{name:<48}{mebibytes:>8.1f} MiB")
    print(f"{'together':<48}{sum(used.values()):>8.1f} MiB")


def _figures(seconds: list[float]) -> dict[str, float]:
    # Of so few rounds the 99th percentile is the longest.
    return {"p50": statistics.median(seconds), "p99 = max": max(seconds)}


@contextmanager
def _installed(namespace: str | None) -> Iterator[Installation]:
    installation = Installation.fresh()
    if namespace is not None:
        yield Installation(namespace, installation.image)
        return
    installation.prepare()
    try:
        print(installation.deploy(), flush=True)
        yield installation
    finally:
        installation.remove()


KINDS: dict[str, Callable[[Installation, int], None]] = {"from-zero": from_zero, "reminders": reminders, "idle": idle}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", choices=[*KINDS, []], default=[])
    parser.add_argument("--rounds", type=int, help="10, and 20 reminders, if not said")
    parser.add_argument("--namespace", help="an installation that is there already")
    options = parser.parse_args()
    with _installed(options.namespace) as made:
        for kind in options.kinds or KINDS:
            KINDS[kind](made, options.rounds or (20 if kind == "reminders" else 10))
