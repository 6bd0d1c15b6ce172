"""Rows that failed are mended as a person does it: in the sheet, or in the file that holds just them."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pytest

from tests.cli.small_job import FAILS, JOB, SmallJob, next_of

WORKBOOK = JOB.replace('"people.csv"', '"people.xlsx"\ntab = "Customers"\nheader_row = 3')


def in_a_workbook(job: SmallJob) -> None:
    job.write(rows=3, job=WORKBOOK)
    with job.sheet.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    book = openpyxl.Workbook()
    tab = book.worksheets[0]
    tab.title = "Customers"
    for line in (["People of the spring campaign"], [], *rows):
        tab.append(line)
    book.save(job.folder / "people.xlsx")


def mended(file: Path) -> None:
    """What a person does with the file: a better name."""
    if file.suffix == ".csv":
        file.write_text(file.read_text(encoding="utf-8-sig").replace("Chiara", "Clara"), encoding="utf-8")
        return
    book = openpyxl.load_workbook(file)
    tab = book.worksheets[0]
    [cell] = [cell for row in tab.iter_rows() for cell in row if cell.value == "Chiara"]
    cell.value = "Clara"
    book.save(file)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_the_file_of_failed_rows_runs_as_the_sheet_of_the_job_and_renders_just_those(
    job: SmallJob, suffix: str
) -> None:
    job.write(rows=3) if suffix == ".csv" else in_a_workbook(job)
    assert job.simulate(faults=[FAILS]).code == 3
    creates = len(job.simulated_log.sends)
    assert job.ask("report", "--failed", f"fix-me{suffix}").code == 0
    mended(job.folder / f"fix-me{suffix}")
    text = job.job_file.read_text(encoding="utf-8")
    job.job_file.write_text(text.replace(f"people{suffix}", f"fix-me{suffix}"), encoding="utf-8")
    ended = job.simulate()
    assert (ended.code, ended.json["rows"], ended.json["counts"]) == (0, 1, {"succeeded": 1})
    assert len(job.simulated_log.sends) == creates + 1
    job.job_file.write_text(text, encoding="utf-8")
    back = job.simulate()
    assert (back.code, back.json["counts"]) == (0, {"succeeded": 3, "changed": 1})
    assert len(job.simulated_log.sends) == creates + 1, "mended in the other file, it is not made again here"


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_rows_mended_in_place_are_rendered_and_no_others(job: SmallJob, suffix: str) -> None:
    job.write(rows=3) if suffix == ".csv" else in_a_workbook(job)
    assert job.simulate(faults=[FAILS]).code == 3
    creates = len(job.simulated_log.sends)
    mended(job.folder / f"people{suffix}")
    ended = job.simulate()
    assert (ended.code, ended.json["counts"]) == (0, {"succeeded": 3})
    assert len(job.simulated_log.sends) == creates + 1


def test_corrections_in_the_file_of_failed_rows_are_never_written_over(job: SmallJob) -> None:
    job.write(rows=3)
    assert job.simulate(faults=[FAILS]).code == 3
    file = job.folder / "fix-me.xlsx"
    assert job.ask("report", "--failed", file.name).code == 0
    assert job.ask("report", "--failed", file.name).code == 0, "untouched, it may be written anew"
    mended(file)
    corrected = file.read_bytes()
    ended = job.ask("report", "--failed", file.name)
    assert (ended.code, ended.json["next"]) == (2, next_of("report", "--failed", "fix-me-2.xlsx"))
    assert "was changed since it was written" in ended.json["problems"][0]["message"]
    assert file.read_bytes() == corrected
    assert job.ask("report", "--failed", "fix-me-2.xlsx").code == 0


def test_nor_is_the_file_of_another_job_beside_it(job: SmallJob) -> None:
    job.write(rows=3)
    assert job.simulate(faults=[FAILS]).code == 3
    assert job.ask("report", "--failed", "fix-me.xlsx").code == 0
    written = (job.folder / "fix-me.xlsx").read_bytes()
    job.job_file.write_text(job.job_file.read_text(encoding="utf-8").replace('"hello"', '"other"'), encoding="utf-8")
    ended = job.simulate(faults=[FAILS])
    assert (ended.code, ended.json["next"]) == (3, next_of("report", "--failed", "fix-me-2.xlsx"))
    assert job.ask("report", "--failed", "fix-me.xlsx").code == 2
    assert (job.folder / "fix-me.xlsx").read_bytes() == written


def test_rows_that_fail_again_as_the_sheet_of_the_job_go_into_another_file(job: SmallJob) -> None:
    in_a_workbook(job)
    assert job.simulate(faults=[FAILS]).code == 3
    assert job.ask("report", "--failed", "fix-me.xlsx").code == 0
    mended(job.folder / "fix-me.xlsx")
    text = job.job_file.read_text(encoding="utf-8")
    job.job_file.write_text(text.replace("people.xlsx", "fix-me.xlsx"), encoding="utf-8")
    ended = job.simulate(faults=[FAILS | {"nth": 1}])
    assert (ended.code, ended.json["next"]) == (3, next_of("report", "--failed", "fix-me-2.xlsx"))
    assert job.ask("report", "--failed", "fix-me-2.xlsx").json["rows"] == 1
