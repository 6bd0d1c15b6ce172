"""``status`` and ``watch``: the money, what waits for a person, and a live view that ends by itself."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys

import pytest

from tests.batchgen_process import Batchgen, environment
from tests.cli.small_job import FAILS, JOB, NEVER_ARRIVES, SmallJob, next_of

STUCK = {"on": "render", "title_contains": "r2", "action": "stuck"}


def test_status_and_run_tell_what_is_settled_what_is_reserved_and_what_is_left(job: SmallJob) -> None:
    job.write(rows=2, job=JOB + "[budget]\nmax_usd = 5\n")
    ran = job.simulate("--time-limit", "2s", faults=[STUCK])
    assert ran.code == 4
    facts = job.ask("status").json
    assert facts["money"] == ran.json["money"]
    assert facts["budget"] == ran.json["budget"]
    money, budget = facts["money"], facts["budget"]
    assert 0 < money["settled_usd"] < money["reserved_usd"]
    assert money["spent_usd"] == pytest.approx(money["settled_usd"] + money["reserved_usd"], abs=1e-4)
    assert money["spent_usd"] == facts["spent_usd"] == budget["committed_usd"]
    assert budget["left_usd"] == pytest.approx(5 - budget["committed_usd"], abs=1e-4)
    assert "Cap: $5.00" in job.tell("status").stdout


def test_status_names_the_oldest_render(job: SmallJob) -> None:
    job.write(rows=2)
    assert job.ask("status").json["oldest_render"] is None
    assert job.simulate("--time-limit", "2s", faults=[STUCK]).code == 4
    oldest = job.ask("status").json["oldest_render"]
    assert (oldest["row"], oldest["id"]) == (3, "r2")
    assert oldest["seconds"] > 1


def test_a_failed_row_comes_with_the_command_that_sends_it_again(job: SmallJob) -> None:
    job.write(rows=2)
    assert job.simulate(faults=[FAILS]).code == 3
    (row,) = job.ask("status").json["attention"]
    assert (row["row"], row["id"], row["status"], row["command"]) == (3, "r2", "failed", next_of("retry", "r2"))
    assert "content_policy_violation" in row["reason"]
    assert f"To send a failed row again as it is: {next_of('retry', 'r2')}" in job.tell("status").stdout


def test_a_row_in_doubt_needs_a_person_only_when_no_run_sends_it_again(job: SmallJob) -> None:
    job.in_doubt_for_days(NEVER_ARRIVES)
    (row,) = job.ask("status").json["attention"]
    assert (row["status"], row["command"]) == ("in_doubt", next_of("resolve", "r2"))


# -- watch ------------------------------------------------------------------------------------------------------------


def test_a_job_that_no_run_holds_is_told_once(job: SmallJob) -> None:
    job.write(rows=2)
    never = job.ask("watch")
    assert (never.code, never.json) == (0, job.ask("status").json)
    assert job.simulate().code == 0
    ended = job.tell("watch")
    assert ended.code == 0
    assert ended.stdout == job.tell("status").stdout
    assert re.fullmatch(r"[\d:]{8} 2 of 2 rows done: 2 succeeded; \$.* settled, \$0.00 reserved\n", ended.stderr)


def test_watching_tells_each_change_and_ends_with_the_run(real_job: SmallJob) -> None:
    real_job.write(rows=3)
    real_job.provider.set_faults({"on": "create", "nth": 2, "action": "accept_then_hold"})
    with real_job.start() as run:
        run.wait_until(lambda: len(real_job.provider.log.created) >= 1)
        with Batchgen("watch", "job.toml", "--every", "0.1s", "--json", folder=real_job.folder) as watching:
            watching.wait_until(lambda: "of 3 rows done" in watching.said)
            real_job.provider.release()
            ended = watching.wait()
        assert run.wait().code == 0
    assert ended.code == 0
    assert ended.json["counts"] == {"succeeded": 3}
    lines = ended.stderr.splitlines()
    assert len(lines) == len(set(lines)) >= 2
    assert "3 of 3 rows done" in lines[-1]


def test_ctrl_c_ends_the_watching_and_not_the_run(real_job: SmallJob) -> None:
    real_job.write(rows=2)
    real_job.provider.set_faults({"on": "create", "nth": 1, "action": "accept_then_hold"})
    with real_job.start() as run:
        run.wait_until(lambda: len(real_job.provider.log.sends) >= 1)
        with Batchgen("watch", "job.toml", "--every", "10m", folder=real_job.folder) as watching:
            watching.wait_until(lambda: "of 2 rows done" in watching.said)
            watching.interrupt()
            ended = watching.wait()
        assert run.is_running
        assert (ended.code, "A run is at work" in ended.stdout) == (0, True)
        assert "the run goes on" in ended.stderr
        real_job.provider.release()
        assert run.wait().code == 0


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals")
def test_on_a_terminal_there_is_a_bar_and_the_end_is_the_status(job: SmallJob) -> None:
    job.write(rows=2)
    assert job.simulate().code == 0
    ours, theirs = pty.openpty()
    ended = subprocess.run(
        [sys.executable, "-m", "batchgen", "watch", "job.toml", "--simulate"],
        cwd=job.folder,
        env=environment(TERM="xterm-256color", COLUMNS="80"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=theirs,
        check=False,
    )
    os.close(theirs)
    drawn = os.read(ours, 65_536).decode()
    os.close(ours)
    assert ended.returncode == 0
    assert "━" in drawn
    assert "No run is at work." in drawn
    assert ended.stdout.decode().startswith('Job "hello": 2 rows: 2 succeeded')
