"""A job of the provider's templates, run as a person would: checked first, and never paid twice."""

from __future__ import annotations

import shutil
from pathlib import Path

from batchgen.job import load_job
from batchgen.simulator.store import Store
from tests.batchgen_process import batchgen

SAMPLE = Path(__file__).parents[2] / "sample_jobs" / "provider-template"
LOST = """
[[fault]]
on = "create"
nth = 1
action = "accept_then_drop"
"""


def copied(tmp_path: Path, *, job_file: str | None = None) -> Path:
    folder = tmp_path / "job"
    shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns(".batchgen", "*.simulated", "*.simulated.*"))
    if job_file is not None:
        (folder / "job.toml").write_text(job_file, encoding="utf-8")
    return folder


def test_a_lost_answer_is_asked_for_again_where_it_was_lost(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    (tmp_path / "faults.toml").write_text(LOST, encoding="utf-8")
    ended = batchgen("run", "job", "--simulate", "--static", "--faults", "faults.toml", "--json", folder=tmp_path)
    assert ended.code == 0, ended.stderr
    assert ended.json["counts"] == {"succeeded": 2}
    log = Store(load_job(folder).simulator_state).log()
    assert [call["replayed"] for call in log["creates"]].count(True) == 1
    assert len({call["video_id"] for call in log["creates"]}) == 2
    assert log["routes"]["POST /v3/templates/{template_id}"] >= 2
    assert "POST /v3/videos" not in log["routes"]


def test_variables_that_the_template_does_not_have_stop_the_run_before_anything_is_sent(tmp_path: Path) -> None:
    job_file = (SAMPLE / "job.toml").read_text(encoding="utf-8").replace("first_name =", "firstname =")
    folder = copied(tmp_path, job_file=job_file)
    ended = batchgen("run", "job", "--simulate", "--static", folder=tmp_path)
    assert ended.code == 2
    assert 'has no variable "firstname" (rows 2-3). Did you mean "first_name"?' in ended.stderr
    assert Store(load_job(folder).simulator_state).log()["creates"] == []
    assert batchgen("plan", "job", "--offline", folder=tmp_path).code == 0
