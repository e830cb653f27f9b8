"""SIGKILL at random moments under load loses nothing and doubles nothing."""

import asyncio
import random
import tempfile
from pathlib import Path

from benchmarks.demo import OWN_LINES, print_table
from benchmarks.support.account import account, settled
from benchmarks.support.load import Load, read_lines
from benchmarks.support.server import Server

ROUNDS = 20
POSTGRES_TOO = 5  # every fifth time its PostgreSQL is killed as well


async def _kill_again_and_again(server: Server, load: asyncio.Task[object], seed: int) -> int:
    chance = random.Random(seed)
    for number in range(ROUNDS):
        await asyncio.sleep(chance.uniform(0.05, 2.0))
        server.kill(postgres=number % POSTGRES_TOO == POSTGRES_TOO - 1)
        await asyncio.to_thread(server.start)
    return ROUNDS if not load.done() else 0


async def test_twenty_kills_under_load_lose_nothing_and_double_nothing() -> None:
    with tempfile.TemporaryDirectory(prefix="ebb-killed-") as directory:
        server = Server(Path(directory))
        server.start()
        try:
            # Slow enough for the load to last through all rounds; checked below.
            load = Load(server.url, server.token, clients=6, pause=0.15)
            running = asyncio.create_task(load.run(read_lines([OWN_LINES]) * 3))
            rounds_under_load = await _kill_again_and_again(server, running, seed=20)
            ledger = await running
            await settled(server.database_url, patience=150)
            result = await account(server.database_url, ledger)
        finally:
            server.stop()
    print_table(ledger, result, sum(ledger.seconds))
    assert ROUNDS == rounds_under_load, "the load ended before the last kill"
    assert result.balanced, (result.lost, result.duplicated, result.out_of_order)
