"""Time limits and signals: drain once, stop twice; a second run steps aside. The next run goes on."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from tests.batchgen_process import Batchgen, ProviderProcess, environment
from tests.cli.small_job import SmallJob
from tests.cli.test_legacy_route import LEGACY_JOB

Signal = Callable[[Batchgen], None]

HELD_ANSWER = {"on": "create", "nth": 1, "action": "accept_then_hold"}


def freeze(job: SmallJob) -> None:
    """Renders do not finish while the provider's clock stands almost still."""
    job.provider.run_at(0.001)


def thaw(job: SmallJob) -> None:
    job.provider.run_at(200)
    job.provider.advance(3600)


def all_sent(job: SmallJob, rows: int) -> Callable[[], bool]:
    return lambda: len(job.provider.log.created) == rows


def statuses(job: SmallJob) -> list[str]:
    return [row["video_status"] for row in job.results]


def test_a_time_limit_ends_the_run_in_order_and_the_next_one_finishes(real_job: SmallJob) -> None:
    real_job.write(rows=3)
    freeze(real_job)
    ended = real_job.run("--time-limit", "1s")
    assert ended.code == 4
    assert ended.json["counts"] == {"rendering": 3}
    assert ended.json["next"] == "batchgen run job.toml"
    assert "time limit" in ended.stderr
    assert statuses(real_job) == ["rendering"] * 3
    thaw(real_job)
    assert real_job.run().code == 0
    assert statuses(real_job) == ["succeeded"] * 3
    assert len(real_job.provider.log.sends) == 3


@pytest.mark.parametrize("ask", [Batchgen.interrupt, Batchgen.terminate], ids=["Ctrl-C", "SIGTERM"])
def test_one_signal_drains_without_waiting_for_renders(ask: Signal, real_job: SmallJob) -> None:
    real_job.write(rows=3)
    freeze(real_job)
    with real_job.start() as run:
        run.wait_until(all_sent(real_job, 3))
        ask(run)
        ended = run.wait(20)
    assert ended.code == 4
    assert ended.stdout.splitlines()[-1] == "Next: batchgen run job.toml"
    assert "Once more stops now" in ended.stderr
    assert re.search(r"^Stopped: (Ctrl-C|SIGTERM)\.$", ended.stdout, re.MULTILINE)
    assert "Traceback" not in ended.stderr
    assert statuses(real_job) == ["rendering"] * 3
    thaw(real_job)
    assert real_job.run().code == 0
    assert len(real_job.provider.log.created) == 3


STOPPED_WHILE_LOADING = """
import os, signal, sys

class Stopper:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.{signal})

from batchgen.cli import main
sys.meta_path.insert(0, Stopper())
sys.argv[1:] = ["run", "job.toml", "--yes", "--json"]
main()
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("module", ["batchgen.cli.app", "typer", "batchgen.cli.world", "sqlalchemy"])
def test_a_signal_in_the_first_moments_is_answered_with_a_word(module: str, name: str, job: SmallJob) -> None:
    job.write(rows=1)
    program = STOPPED_WHILE_LOADING.format(module=module, signal=name)
    command = [sys.executable, "-c", program]
    ended = subprocess.run(command, cwd=job.folder, env=environment(), capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr.startswith("Stopped")) == (4, True)
    assert json.loads(ended.stdout)["problems"][0]["message"].startswith("Stopped")
    assert "Traceback" not in ended.stderr


def test_draining_waits_for_the_answer_to_a_create_that_went_out(real_job: SmallJob) -> None:
    real_job.write(rows=1)
    freeze(real_job)
    real_job.provider.set_faults(HELD_ANSWER)
    with real_job.start() as run:
        run.wait_until(all_sent(real_job, 1))
        run.interrupt()
        with pytest.raises(AssertionError, match="did not happen"):
            run.wait_until(lambda: not run.is_running, timeout_s=1)
        real_job.provider.release()
        ended = run.wait(20)
    assert ended.code == 4
    assert statuses(real_job) == ["rendering"]


def test_a_second_ctrl_c_stops_now_and_the_row_is_in_doubt_not_lost(real_job: SmallJob) -> None:
    real_job.write(rows=1)
    real_job.provider.set_faults(HELD_ANSWER)
    with real_job.start() as run:
        run.wait_until(all_sent(real_job, 1))
        run.interrupt()
        run.wait_until(lambda: "Once more stops now" in run.said)
        run.interrupt()
        ended = run.wait(20)
    assert ended.code == 4
    assert "Traceback" not in ended.stderr
    assert statuses(real_job) == ["in_doubt"]
    real_job.provider.release()
    assert real_job.run().code == 0
    assert statuses(real_job) == ["succeeded"]
    assert len(real_job.provider.log.created) == 1
    assert len(real_job.provider.log.replays) == 1


def test_a_second_run_exits_7_within_a_second_and_names_the_first(real_job: SmallJob) -> None:
    real_job.write(rows=2)
    freeze(real_job)
    with real_job.start() as first:
        first.wait_until(all_sent(real_job, 2))
        started = time.monotonic()
        second = real_job.run()
        took_s = time.monotonic() - started
        assert second.code == 7
        message = second.json["problems"][0]["message"]
        assert f"pid {first.pid}" in message
        assert "since" in message
        first.interrupt()
        assert first.wait(20).code == 4
    print(f"the second run took {took_s:.2f} s, its start included")
    assert len(real_job.provider.log.sends) == 2


def test_status_of_a_job_under_way_names_the_run(real_job: SmallJob) -> None:
    real_job.write(rows=2)
    freeze(real_job)
    with real_job.start() as run:
        run.wait_until(all_sent(real_job, 2))
        shown = real_job.status()
        assert shown.code == 0
        assert shown.json["counts"] == {"rendering": 2}
        assert f"pid {run.pid}" in shown.stderr
        assert shown.json["next"] == "batchgen watch job.toml", "another run would be refused"
        run.terminate()
        assert run.wait(20).code == 4


def test_a_killed_run_does_not_hold_the_job(real_job: SmallJob) -> None:
    real_job.write(rows=2)
    freeze(real_job)
    with real_job.start() as run:
        run.wait_until(all_sent(real_job, 2))
        assert run.kill().code == -signal.SIGKILL
    thaw(real_job)
    assert real_job.run().code == 0


def test_a_second_signal_while_python_ends_leaves_the_exit_code_as_it_is() -> None:
    """As when a person presses Ctrl-C twice, and the first was enough."""
    late = "lambda: os.kill(os.getpid(), signal.{})"
    program = (
        "import atexit, os, signal, sys\n"
        f"atexit.register({late.format('SIGINT')}); atexit.register({late.format('SIGTERM')})\n"
        "from batchgen.cli import main\n"
        "sys.argv = ['batchgen', 'run', 'no-such-job']\n"
        "main()\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "KeyboardInterrupt" not in ended.stderr


def asks_no_more(provider: ProviderProcess) -> bool:
    """Whether the run has asked about a render, and stopped asking: the video came, and its download broke the run."""
    before = provider.log.routes
    time.sleep(1.0)
    return "GET /v1/video_status.get" in before and provider.log.routes == before


def test_a_run_that_breaks_off_waits_for_the_answers_of_what_it_sent(real_job: SmallJob) -> None:
    """On a route without keys a lost answer is a person's work."""
    real_job.write(rows=2, job=LEGACY_JOB.replace("[pacing]", "[output]\ntitle_marker = false\n[pacing]"))
    provider = real_job.provider
    provider.set_faults({"on": "create", "title_contains": "r2", "action": "accept_then_hold"})
    with real_job.start("--json") as run:
        run.wait_until(lambda: provider.log.routes.get("POST /v2/video/generate", 0) >= 1)
        (real_job.folder / "videos").write_text("a file, where the folder is to be")
        run.wait_until(lambda: len(provider.log.created) == 2 and asks_no_more(provider))
        provider.release()
        assert run.wait().code == 1
    (real_job.folder / "videos").unlink()
    assert real_job.run().json["counts"] == {"succeeded": 2}
    assert len(provider.log.created) == 2
