"""Rows that failed are mended as a person does it: in the sheet, or in the file that holds just them."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pytest

from tests.cli.small_job import FAILS, JOB, SmallJob

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
