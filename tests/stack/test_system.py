"""Real quick-add text through the real parts: nothing is lost and nothing comes twice."""

import tempfile
import time
from pathlib import Path

import pytest

from benchmarks.demo import OWN_LINES, print_table
from benchmarks.support.account import account, settled
from benchmarks.support.load import Load, read_lines
from tests.stack.system import running

pytestmark = pytest.mark.stack


async def test_a_load_on_the_real_parts_loses_nothing_and_doubles_nothing() -> None:
    with tempfile.TemporaryDirectory(prefix="ebb-system-", ignore_cleanup_errors=True) as folder:
        async with running(Path(folder)) as system:
            began = time.perf_counter()
            ledger = await Load(system.url, system.token).run(read_lines([OWN_LINES]))
            duration = time.perf_counter() - began
            await settled(system.database_url, patience=120)
            result = await account(system.database_url, ledger)
    print_table(ledger, result, duration)
    assert result.balanced, (result.lost, result.duplicated, result.out_of_order)
