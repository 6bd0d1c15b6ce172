"""How often a run asks for its renders: a hundred of them cost one call per interval."""

from __future__ import annotations

import time

from tests.cli.small_job import JOB, SmallJob

ROWS, INTERVAL_S = 250, 0.5
SLOW_TO_FINISH_S = 2400  # of the provider's clock: 12 of ours, as fast as the tests run it
JOB_OF_MANY = JOB.replace(
    "poll_every_s = 0.05\npoll_slowest_s = 0.05",
    f"poll_every_s = {INTERVAL_S * 200}\npoll_slowest_s = {INTERVAL_S * 200}\nconcurrency = {ROWS}",
)


def test_a_hundred_renders_cost_one_call_per_interval(job: SmallJob) -> None:
    slow = {"on": "render", "action": "slow", "seconds": SLOW_TO_FINISH_S}
    job.write(rows=ROWS, job=JOB_OF_MANY)
    began = time.monotonic()
    ended = job.simulate(faults=[slow])
    intervals = (time.monotonic() - began) / INTERVAL_S
    assert ended.code == 0, ended.stderr
    routes = job.simulated_log.routes
    assert routes["POST /v3/videos"] == ROWS
    assert routes["GET /v3/videos/{video_id}"] == ROWS  # once each, when it is done: for its links
    calls = routes["GET /v3/videos/statuses"]
    assert SLOW_TO_FINISH_S / 200 / INTERVAL_S / 2 < calls <= 3 * (intervals + 1)
