"""The submit path (intent, POST, result) against a bare loop on the same stub. Prints; never fails on time.

Both take turns within one process. Processor time counts beside the clock: other programs do not disturb it.

``pytest -m benchmark -n0 -s tests/benchmarks/test_wire_speed.py``
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Self

import pytest
from pydantic import SecretStr

from batchgen.cli import COLLECT_RARELY
from batchgen.job import Job, Output, Pacing
from batchgen.ledger import Ledger, NewRequest, Owner, Status, begin_run, end_run, record
from batchgen.request import check
from batchgen.runner import Stop, StopLevel, submit
from batchgen.runner.group_writer import GroupWriter
from batchgen.runner.pacing import Throttle
from batchgen.runner.work import Work
from batchgen.video_api import FileHost, VideoApi
from batchgen.video_api.wire import open_client

ROWS, CONNECTIONS, ROUNDS = 3_000, 50, 5
LOOK_EVERY_S = 0.1  # at the ledger, whether all are accepted: not a part of what is measured


class Speed(NamedTuple):
    """Rows per second of the clock, and of processor time."""

    by_clock: float
    by_processor: float


class Moment(NamedTuple):
    """A beginning, by both clocks."""

    clock_s: float
    processor_s: float

    @classmethod
    def now(cls) -> Self:
        return cls(time.perf_counter(), time.process_time())

    def speed(self) -> Speed:
        return Speed(ROWS / (time.perf_counter() - self.clock_s), ROWS / (time.process_time() - self.processor_s))


@pytest.fixture
def collecting_rarely() -> Iterator[None]:
    """The collector as the command sets it, for both."""
    before = gc.get_threshold()
    gc.set_threshold(*COLLECT_RARELY)
    yield
    gc.set_threshold(*before)


@pytest.fixture
def stub() -> Iterator[str]:
    """The address of a stub in a process of its own."""
    process = subprocess.Popen([sys.executable, "-m", "tests.benchmarks.stub"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.terminate()
        process.communicate()


def requests() -> list[NewRequest]:
    made = []
    for number in range(ROWS):
        fields = {"type": "avatar", "avatar_id": "Anna", "script": f"Hello number {number}", "title": f"For {number}"}
        asked = check(fields, "newest")
        made.append(
            NewRequest(
                row_id=f"r{number}",
                row_number=number + 2,
                fingerprint=asked.fingerprint,
                request=asked.stored,
                file_stem=f"r{number}",
                estimate_microusd=500_000,
            )
        )
    return made


async def bare_loop(url: str) -> Speed:
    """The speed of the transport alone: the same bytes, no ledger, nothing read but the answer."""
    bodies = [asked.request for asked in requests()]
    async with open_client(url, connections=CONNECTIONS, headers={"X-Api-Key": "k"}) as http:
        waiting = iter(enumerate(bodies))

        async def send() -> None:
            for number, body in waiting:
                headers = {"Content-Type": "application/json", "Idempotency-Key": f"key-{number}"}
                (await http.post("/v3/videos", content=body, headers=headers)).raise_for_status()

        began = Moment.now()
        await asyncio.gather(*(send() for _ in range(CONNECTIONS)))
        return began.speed()


async def submit_path(url: str, folder: Path) -> Speed:
    """The speed from pending to rendering, every intent and every answer on disk (synchronous=FULL)."""
    pacing = Pacing(concurrency=CONNECTIONS, requests_per_s=1e6)
    sheet = folder / "people.csv"
    job = Job(
        name="speed", path=None, folder=folder, sheet=sheet, results=sheet, output=Output(folder=folder), pacing=pacing
    )
    ledger = Ledger(folder / "ledger.db", provider=url)
    run = begin_run(ledger, job.name, Owner.this_process())
    record(ledger, run, requests())
    stop = Stop()
    async with (
        VideoApi(base_url=url, key=SecretStr("k"), connections=CONNECTIONS) as api,
        FileHost(base_url=url, connections=1) as files,
    ):
        rng = random.Random(1)
        throttle = Throttle(pacing, clock=asyncio.get_running_loop().time, rng=rng)
        work = Work(
            job=job, run=run, ledger=ledger, api=api, files=files, throttle=throttle, stop=stop, rng=rng,
            clock=time.time, writer=GroupWriter(ledger, run),
        )  # fmt: skip
        stop.listen(work.wake)
        began = Moment.now()
        submitting = asyncio.ensure_future(submit.submit_rows(work))
        while ledger.progress(run).get(Status.RENDERING, 0) < ROWS:
            await asyncio.sleep(LOOK_EVERY_S)
        speed = began.speed()
        stop.ask(StopLevel.DRAIN, "measured")
        await submitting
    end_run(ledger, run, {})
    ledger.close()
    return speed


@pytest.mark.benchmark
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("collecting_rarely")
def test_the_submit_path_against_a_bare_loop(stub: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Renders are out of the picture: 50 creates are in flight, however many videos render.
    monkeypatch.setattr(submit, "PROVIDER_BUSY", (Status.SUBMITTING,))
    ratios = []
    for number in range(ROUNDS):
        bare = asyncio.run(bare_loop(stub))
        with contextlib.chdir(tmp_path):
            folder = tmp_path / str(number)
            folder.mkdir()
            ours = asyncio.run(submit_path(stub, folder))
        ratios.append((ours.by_clock / bare.by_clock, ours.by_processor / bare.by_processor))
        print(
            f"\nbare httpx-aiohttp {bare.by_clock:,.0f} rows/s, {bare.by_processor:,.0f} per processor second; ", end=""
        )
        print(
            f"intent, POST, result {ours.by_clock:,.0f} rows/s, {ours.by_processor:,.0f} per processor second", end=""
        )
    by_clock, by_processor = (statistics.median(column) for column in zip(*ratios, strict=True))
    print(f"\nmedian: {by_clock:.2f} x by the clock, {by_processor:.2f} x by processor time")
