"""A burst of webhooks against ``batchgen listen``, a process of its own: all answered, and how fast. Prints only.

``pytest -m benchmark -n0 -s tests/benchmarks/test_listening_speed.py``
"""

from __future__ import annotations

import asyncio
import socket
import sqlite3
import statistics
import time
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest

from tests.batchgen_process import Batchgen
from tests.cli.small_job import JOB
from tests.listen.listening import HOOK, SECRET, message, newer_form

EVENTS, WITHIN_S, CONNECTIONS = 1_000, 1.0, 50


async def _burst(url: str, event_ids: list[str]) -> list[tuple[int, float]]:
    """Status and seconds of each delivery; they set out evenly over ``WITHIN_S``."""
    began = time.perf_counter()

    async def deliver(session: aiohttp.ClientSession, number: int, event_id: str) -> tuple[int, float]:
        await asyncio.sleep(began + WITHIN_S * number / len(event_ids) - time.perf_counter())
        body, sent = message(f"video-{event_id}"), time.perf_counter()
        async with session.post(url, data=body, headers=newer_form(body, event_id=event_id)) as answer:
            return answer.status, time.perf_counter() - sent

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONNECTIONS)) as session:
        return await asyncio.gather(*(deliver(session, *numbered) for numbered in enumerate(event_ids)))


@pytest.mark.benchmark
def test_a_thousand_events_in_a_second_are_all_answered(tmp_path: Path) -> None:
    (tmp_path / "job.toml").write_text(JOB)
    (tmp_path / "people.csv").write_text("id,name\nr1,Anna\n")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    env = {"HEYGEN_WEBHOOK_SECRET": SECRET}
    with Batchgen("listen", "job.toml", "--public-url", url, "--port", port, folder=tmp_path, env=env) as listening:
        listening.wait_until(lambda: "Listening at" in listening.said)
        for burst in range(3):
            answers = asyncio.run(_burst(url + HOOK, [f"{burst}-{number}" for number in range(EVENTS)]))
            took = sorted(seconds for _, seconds in answers)
            print(
                f"\n{EVENTS} events in {WITHIN_S:g} s: {sum(status == 204 for status, _ in answers)} answered 204, "
                f"median {statistics.median(took) * 1000:.0f} ms, p99 {took[int(0.99 * EVENTS)] * 1000:.0f} ms, "
                f"slowest {took[-1] * 1000:.0f} ms"
            )
            assert {status for status, _ in answers} == {204}
    with closing(sqlite3.connect(tmp_path / ".batchgen" / "hello.db")) as ledger:
        assert ledger.execute("SELECT count(*) FROM arrivals").fetchone() == (3 * EVENTS,)
