"""A number or a time that a person typed into a result column stays theirs; one that a program wrote anew is ours."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from batchgen.job import Job
from batchgen.ledger import Result
from batchgen.report import write_report
from tests.report.results import NOON
from tests.report.test_conflicts import with_note
from tests.report.test_write import lines, results_of
from tests.sheet.test_libreoffice import OFFICE, convert
from tests.small_sheet import ANNA, BEN, HEADERS, JOB_FILE, small_job


def later(results: dict[str, Result]) -> dict[str, Result]:
    """Other results for all three columns."""
    return {
        key: replace(each, duration_s=20.0, cost_microusd=0, updated_at=NOON + 9000) for key, each in results.items()
    }


@pytest.mark.parametrize(
    ("column", "typed"),
    [
        ("video_duration_s", "12"),
        ("video_duration_s", "12.35 with the intro"),
        ("video_cost_usd", "0.5"),
        ("video_updated_at", "ask Bob on 5 May"),
        ("video_updated_at", "2027-01-15 23:59:00"),
    ],
)
def test_a_number_or_time_that_a_person_typed_is_kept_and_told(tmp_path: Path, column: str, typed: str) -> None:
    job = small_job(tmp_path, ANNA, BEN)
    results = results_of(job)
    write_report(job, results)
    put_into(job.sheet, column, typed)
    written = write_report(job, with_note(results, "second"))
    assert [(each.row, each.column, each.value) for each in written.conflicts] == [(2, column, typed)]
    assert [line["video_note"] for line in lines(job.sheet)] == ["second", "second"]
    assert lines(job.sheet)[0][column] == typed


def test_a_number_typed_where_there_was_none_is_kept(tmp_path: Path) -> None:
    job = small_job(tmp_path, ANNA)
    unknown = {key: replace(each, duration_s=None) for key, each in results_of(job).items()}
    write_report(job, unknown)
    put_into(job.sheet, "video_duration_s", "30")
    assert [each.value for each in write_report(job, results_of(job)).conflicts] == ["30"]


@pytest.mark.parametrize(
    ("column", "rewritten"),
    [
        ("video_duration_s", "12,35"),
        ("video_duration_s", "12.350"),
        ("video_cost_usd", "$0.6173"),
        ("video_cost_usd", "0,6173 €"),
        ("video_cost_usd", "61.73%"),
        ("video_updated_at", "{0:%d.%m.%Y %H:%M}"),
        ("video_updated_at", "{0:%m/%d/%y %I:%M:%S %p}"),
        ("video_updated_at", "{0:%d. %B %Y}"),
    ],
)
def test_a_value_that_a_spreadsheet_program_wrote_anew_is_no_conflict(
    tmp_path: Path, column: str, rewritten: str
) -> None:
    job = small_job(tmp_path, ANNA, BEN)
    results = results_of(job)
    write_report(job, results)
    put_into(job.sheet, column, rewritten.format(datetime.fromtimestamp(NOON)))  # noqa: DTZ006 - the person's clock
    assert write_report(job, later(results)).conflicts == ()
    assert lines(job.sheet)[0]["video_duration_s"] == "20.0"


def test_a_memory_from_before_numbers_were_remembered_makes_no_conflicts(tmp_path: Path) -> None:
    job = small_job(tmp_path, ANNA)
    results = results_of(job)
    write_report(job, results)
    memory = job.state_folder / f"{job.name}.written.json"
    known = {"A-1": {"video_status": ["succeeded"], "video_id": ["v-A-1"], "video_note": []}}
    memory.write_text(json.dumps(known))
    assert write_report(job, with_note(later(results), "x")).conflicts == ()
    assert lines(job.sheet)[0]["video_duration_s"] == "20.0"


def put_into(sheet: Path, column: str, text: str) -> None:
    """Type this into the first row."""
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    rows[1][rows[0].index(column)] = text
    with sheet.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


# --- in a workbook, whatever a format shows -----------------------------------------------------------------------


def workbook_job(folder: Path) -> Job:
    book = openpyxl.Workbook()
    tab = book.worksheets[0]
    tab.append(list(HEADERS))
    tab.append(list(ANNA))
    book.save(folder / "people.xlsx")
    return small_job(folder, job_file=JOB_FILE.replace("people.csv", "people.xlsx"))


def in_workbook(sheet: Path, column: str, *, value: Any = None, number_format: str | None = None) -> None:
    """Type a value, or choose a format, in the first row."""
    book = openpyxl.load_workbook(sheet)
    tab = book.worksheets[0]
    cell = tab.cell(2, [header.value for header in tab[1]].index(column) + 1)
    if value is not None:
        cell.value = value
    if number_format is not None:
        cell.number_format = number_format
    book.save(sheet)


@pytest.mark.parametrize(
    ("column", "number_format"),
    [
        ("video_duration_s", "0"),
        ("video_cost_usd", '"about" #,##0.0 "USD"'),
        ("video_updated_at", "hh:mm"),
        ("video_updated_at", "[$-407]d. mmmm"),
        ("video_updated_at", "General"),
    ],
)
def test_a_format_that_shows_less_makes_no_conflict(tmp_path: Path, column: str, number_format: str) -> None:
    job = workbook_job(tmp_path)
    results = results_of(job)
    write_report(job, results)
    in_workbook(job.sheet, column, number_format=number_format)
    assert write_report(job, later(results)).conflicts == ()


def test_a_number_typed_under_a_format_that_hides_the_difference_is_kept(tmp_path: Path) -> None:
    job = workbook_job(tmp_path)
    results = results_of(job)
    write_report(job, results)
    in_workbook(job.sheet, "video_duration_s", value=12.0, number_format="0")
    in_workbook(job.sheet, "video_updated_at", value=datetime(2027, 2, 1, 9, 30))  # noqa: DTZ001 - as a cell
    assert [each.column for each in write_report(job, later(results)).conflicts] == [
        "video_duration_s",
        "video_updated_at",
    ]
    assert openpyxl.load_workbook(job.sheet).worksheets[0]["H2"].value == 12


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_sheet_that_libreoffice_saved_makes_no_conflicts(tmp_path: Path, suffix: str) -> None:
    job = small_job(tmp_path, ANNA) if suffix == ".csv" else workbook_job(tmp_path)
    results = results_of(job)
    write_report(job, results)
    saved = convert(
        job.sheet, "csv:Text - txt - csv (StarCalc):44,34,76" if suffix == ".csv" else "xlsx", tmp_path / "o"
    )
    shutil.copy(saved, job.sheet)
    assert write_report(job, later(results)).conflicts == ()
