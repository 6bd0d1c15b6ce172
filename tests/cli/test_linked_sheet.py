"""A job whose sheet is behind a link: fetched for each run and plan, results in a file beside the job."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.batchgen_process import Ended
from tests.cli.in_process import batchgen_here
from tests.cli.small_job import JOB
from tests.sheet.web import Page, Web, web

SHEET = Page(body=b"id,name\nr1,Anna\nr2,Ben\n")
LONGER = Page(body=b"id,name\nr1,Anna\nr2,Ben\nr3,Cleo\n")


def linked_job(folder: Path, served: Web) -> Path:
    link = f"{served.url}/sheet?output=csv"
    (folder / "job.toml").write_text(JOB.replace('"people.csv"', f'"{link}"'), encoding="utf-8")
    return folder


def simulated(folder: Path) -> Ended:
    return batchgen_here("run", folder, "--simulate", "--static", "--clock-speed", 200, "--json")


def results(folder: Path) -> dict[str, str]:
    with (folder / "hello.results.simulated.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row["video_status"] for row in csv.DictReader(file)}


def test_it_is_fetched_for_each_run_and_the_results_are_beside_the_job_file(tmp_path: Path) -> None:
    with web(sheet=SHEET) as served:
        folder = linked_job(tmp_path, served)
        assert simulated(folder).json["counts"] == {"succeeded": 2}
        assert results(folder) == {"r1": "succeeded", "r2": "succeeded"}
        served.pages["/sheet"] = LONGER
        assert batchgen_here("plan", folder, "--simulate", "--json").json["to_send"] == 1
        assert simulated(folder).json["counts"] == {"succeeded": 3}
    assert results(folder) == {"r1": "succeeded", "r2": "succeeded", "r3": "succeeded"}


def test_without_a_network_the_plan_takes_the_last_copy_when_told_to(tmp_path: Path) -> None:
    with web(sheet=SHEET) as served:
        folder = linked_job(tmp_path, served)
        never = batchgen_here("plan", folder, "--offline", "--json")
        assert (never.code, served.asked) == (2, [])
        assert "was never fetched" in str(never.json["problems"])
        assert batchgen_here("plan", folder, "--json").json["to_send"] == 2
    without = batchgen_here("plan", folder, "--json")
    assert without.code == 2
    assert "cannot be fetched" in str(without.json["problems"])
    assert batchgen_here("plan", folder, "--offline", "--json").json["to_send"] == 2


def test_results_are_written_again_without_the_network(tmp_path: Path) -> None:
    with web(sheet=SHEET) as served:
        folder = linked_job(tmp_path, served)
        simulated(folder)
    (folder / "hello.results.simulated.csv").unlink()
    assert batchgen_here("sync", folder, "--simulate", "--json").code == 0
    assert results(folder) == {"r1": "succeeded", "r2": "succeeded"}
