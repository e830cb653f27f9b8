"""Ten thousand damaged files: each is read or told about, none crashes, and what is read can be written again."""

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from shared.errors import InvalidInput
from shared.filed_task import FiledTask
from shared.ical_read import read_ical
from shared.ical_write import END, HEAD, write_task
from shared.reminder import Owner
from shared.task import Status

FILES = [path.read_bytes() for path in sorted((Path(__file__).parents[1] / "data" / "calendars").glob("*.ics"))]
ALICE = Owner("alice", "Europe/Berlin")
NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
ROUNDS, EACH = 10, 1_000
NASTY = (
    b"\x00", b"\xff\xfe", b"\xe2\x80\xa8", b"\\", b'"', b";", b":", b",", b"\r", b"\n ", b"99999999999", b"-", b"P1D",
    b"20260231T250000Z", b"00010101T000000Z", b"99991231T235959Z", b"BEGIN:VTODO\r\n", b"END:VALARM\r\n", b"=C3",
    b"RRULE:FREQ=SECONDLY;COUNT=999999999\r\n", b"DURATION:P99999W\r\n", b";TZID=/", b";VALUE=PERIOD",
)  # fmt: skip


def cut(data: bytes, dice: random.Random) -> bytes:
    start = dice.randrange(len(data))
    return data[:start] + data[start + dice.randrange(1, 60) :]


def flipped(data: bytes, dice: random.Random) -> bytes:
    changed = bytearray(data)
    changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def stuffed(data: bytes, dice: random.Random) -> bytes:
    place = dice.randrange(len(data))
    return data[:place] + dice.choice(NASTY) + data[place:]


def shuffled(data: bytes, dice: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    first, second = dice.randrange(len(lines)), dice.randrange(len(lines))
    lines[first], lines[second] = lines[second], lines[first]
    return b"".join(lines)


def spliced(data: bytes, dice: random.Random) -> bytes:
    other = dice.choice(FILES)
    return data[: dice.randrange(len(data))] + other[dice.randrange(len(other)) :]


def stored(task: FiledTask) -> FiledTask:
    """Return the task with the times that a stored one always has."""
    done = None if task.status is Status.OPEN else task.completed_at or NOW
    changed = task.changed and stored(task.changed)
    return replace(task, modified=task.modified or NOW, completed_at=done, changed=changed)


MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (cut, flipped, stuffed, shuffled, spliced)


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_damage_is_told_about_and_never_crashes(seed: int) -> None:
    dice, refused = random.Random(seed), list[InvalidInput]()
    for _ in range(EACH):
        data = dice.choice(FILES)
        for _ in range(dice.randrange(1, 6)):
            data = dice.choice(MUTATIONS)(data, dice) or b"x"
        try:
            reading = read_ical(data, ALICE)
        except InvalidInput as error:  # the frame itself is broken: nothing is read of the file
            refused.append(error)
            continue
        assert all(note.reason for note in (*reading.rejected, *reading.warnings))
        tasks = [stored(task) for task in reading.tasks]
        again = read_ical(HEAD + b"".join(write_task(task, ALICE, NOW) for task in tasks) + END, ALICE)
        assert [(task.uid, task.fingerprint) for task in tasks] == [(t.uid, t.fingerprint) for t in again.tasks]
    assert all(fault.message for error in refused for fault in error.faults)
    assert len(refused) < EACH / 4
