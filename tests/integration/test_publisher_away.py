"""While the sidecar cannot be reached commands stay fast, and afterwards every event arrives in order."""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.demo import OWN_LINES, print_table
from benchmarks.support.account import account, settled
from benchmarks.support.load import Load, read_lines
from benchmarks.support.server import Server, free_port
from tests.integration.proxy import Proxy

AWAY = 30.0  # seconds


def _p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1]


async def test_a_publisher_that_is_away_for_30_seconds_costs_commands_nothing() -> None:
    dapr_port, proxy = free_port(), Proxy()
    environment = {"DAPR_HTTP_ENDPOINT": f"http://127.0.0.1:{proxy.port}", "DAPR_API_TOKEN": "for-this-test"}
    lines = iter(read_lines([OWN_LINES]) * 20)
    with tempfile.TemporaryDirectory(prefix="ebb-away-") as directory:
        server = Server(Path(directory), "--dapr-port", str(dapr_port), environment=environment)
        async with proxy.forwarding_to(dapr_port):
            await asyncio.to_thread(server.start)
            load = Load(server.url, server.token, clients=4, pause=0.1, reminders=0)
            try:
                await load.run_for(lines, 3)  # warm up
                normal = _p95(await load.run_for(lines, 15))
                await proxy.cut()
                while_away = await load.run_for(lines, AWAY)
                await proxy.mend()
                began = time.perf_counter()
                await settled(server.database_url, patience=60)
                recovered = time.perf_counter() - began
                result = await account(server.database_url, load.ledger)
            finally:
                await load.close()
                await asyncio.to_thread(server.stop)
        log = (Path(directory) / "ebb.log").read_text()
    away = _p95(while_away)
    print(f"\n  p95 normal {normal * 1000:.1f} ms, away {away * 1000:.1f} ms, ratio {away / normal:.2f}")
    print(f"  {len(while_away)} commands while away, all events through {recovered:.1f} s after the return")
    print_table(load.ledger, result, AWAY)
    assert result.balanced, (result.lost, result.duplicated, result.out_of_order)
    assert away <= 2 * normal
    assert '"dependency": "publish"' in log
    assert '"event": "circuit open"' in log
    assert '"event": "circuit closed"' in log
