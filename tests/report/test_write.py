"""Results go into the person's own sheet: into the right rows, and into nothing but the listed columns."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from batchgen.errors import SheetChanged, SheetNotWritten
from batchgen.job import RESULT_COLUMNS, Job
from batchgen.ledger import Result, Status
from batchgen.report import results_file, write_report
from batchgen.sheet import Written, write_results
from tests.report.results import result
from tests.small_sheet import ANNA, BEN, HEADERS, JOB_FILE, built_rows, small_job


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def results_of(job: Job) -> dict[str, Result]:
    """A finished video for every row that the sheet holds now."""
    return {
        row.id: result(
            row_id=row.id, row_number=row.number, fingerprint=row.request.fingerprint, video_id=f"v-{row.id}"
        )
        for row in built_rows(job).rows
    }


def test_results_stand_in_the_rows_that_they_belong_to(tmp_path: Path) -> None:
    job = small_job(tmp_path, ANNA, BEN)
    assert write_report(job, results_of(job)).path == job.sheet
    assert [(line["id"], line["name"], line["video_id"], line["video_status"]) for line in lines(job.sheet)] == [
        ("A-1", "Anna", "v-A-1", "succeeded"),
        ("A-2", "Ben", "v-A-2", "succeeded"),
    ]
    assert list(lines(job.sheet)[0]) == [*HEADERS, *RESULT_COLUMNS]


def test_results_follow_their_rows_when_the_sheet_is_sorted_filtered_or_edited(tmp_path: Path) -> None:
    results = results_of(small_job(tmp_path, ANNA, BEN))
    job = small_job(tmp_path, ("A-0", "Zoe", ""), ("A-2", "Benjamin", ""), ("A-1", "Anna", "yes"))
    write_report(job, results)
    zoe, ben, anna = lines(job.sheet)
    assert (zoe["video_id"], zoe["video_status"]) == ("", "")
    assert (ben["video_id"], ben["video_note"]) == ("v-A-2", "the row was edited after this video was ordered")
    assert (anna["video_id"], anna["video_note"]) == ("v-A-1", "")


def test_writing_twice_changes_nothing_more(tmp_path: Path) -> None:
    job = small_job(tmp_path, ANNA, BEN)
    write_report(job, results_of(job))
    once = job.sheet.read_bytes()
    write_report(job, results_of(job))
    assert job.sheet.read_bytes() == once


def test_result_columns_never_change_what_a_row_asks_for(tmp_path: Path) -> None:
    job = small_job(tmp_path, ANNA, BEN)
    before = [row.request.fingerprint for row in built_rows(job).rows]
    write_report(job, results_of(job))
    assert [row.request.fingerprint for row in built_rows(job).rows] == before


def test_renamed_columns_are_found_again(tmp_path: Path) -> None:
    job_file = JOB_FILE + '[output.columns]\nvideo_status = "Stand"\nvideo_note = "Bemerkung"\n'
    job = small_job(tmp_path, ANNA, job_file=job_file)
    results = results_of(job)
    write_report(job, results)
    write_report(job, {key: result(row_id=key, status=Status.FAILED, note="no") for key in results})
    (line,) = lines(job.sheet)
    assert (line["Stand"], line["Bemerkung"].startswith("no")) == ("failed", True)
    assert "video_status" not in line
    assert len(line) == len(HEADERS) + len(RESULT_COLUMNS)


def test_nothing_but_the_result_columns_is_touched(tmp_path: Path) -> None:
    job = small_job(tmp_path, ANNA)
    sheet = b'\xef\xbb\xbfid;name;skip;"note; of mine"\r\nA-1;"Anna ""A."" ";;=1+1\r\n\r\nA-2;Ben;;00123\r\n'
    job.sheet.write_bytes(sheet)
    write_report(job, {"A-2": result(row_id="A-2")})
    written = job.sheet.read_bytes()
    first, second, _, last = written.split(b"\r\n")[:4]
    assert first.startswith(b'\xef\xbb\xbfid;name;skip;"note; of mine";video_status;')
    assert second.startswith(b'A-1;"Anna ""A."" ";;=1+1')
    assert last.startswith(b"A-2;Ben;;00123;succeeded;")


def test_a_row_that_cannot_be_sent_is_told_why(tmp_path: Path) -> None:
    job = small_job(tmp_path, ANNA, ("A-2", "x" * 5_001, ""))
    write_report(job, {})
    anna, long = lines(job.sheet)
    assert (anna["video_status"], long["video_status"]) == ("", "invalid")
    assert "5,000" in long["video_note"]


def test_a_video_of_a_row_that_became_invalid_is_still_shown(tmp_path: Path) -> None:
    job = small_job(tmp_path, ("A-1", "x" * 5_001, ""))
    write_report(job, {"A-1": result()})
    (line,) = lines(job.sheet)
    assert (line["video_status"], line["video_id"]) == ("succeeded", "v1")
    assert line["video_note"].startswith("the row cannot be sent as it is now: ")
    assert "5,000" in line["video_note"]


def test_a_row_of_which_nothing_was_ordered_says_only_why_it_cannot_be_sent(tmp_path: Path) -> None:
    job = small_job(tmp_path, ("A-1", "x" * 5_001, ""), BEN)
    waiting = result(status=Status.PENDING, note="too many requests", video_id=None, page_url=None, duration_s=None)
    write_report(job, {"A-1": waiting, "A-2": replace(waiting, row_id="A-2")})
    long, edited = lines(job.sheet)
    assert (long["video_status"], "5,000" in long["video_note"]) == ("invalid", True)
    assert ("edited" in long["video_note"], "requests" in long["video_note"]) == (False, False)
    assert (edited["video_status"], edited["video_note"]) == ("pending", "too many requests")


def test_a_simulated_run_writes_beside_the_sheet(tmp_path: Path) -> None:
    job = small_job(tmp_path, ANNA).in_simulator(clock_speed=20)
    before = job.sheet.read_bytes()
    assert write_report(job, results_of(job)).path == tmp_path / "people.simulated.csv"
    assert job.sheet.read_bytes() == before
    assert lines(job.results)[0]["video_status"] == "succeeded"


def editing(monkeypatch: pytest.MonkeyPatch, edit: Callable[[int], object]) -> None:
    """Let somebody edit the sheet between each reading and writing."""
    times = iter(range(1, 100))

    def write(*args: Any, **kwargs: Any) -> Written:
        edit(next(times))
        return write_results(*args, **kwargs)

    monkeypatch.setattr("batchgen.report.write.write_results", write)


def test_a_sheet_saved_meanwhile_is_read_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = small_job(tmp_path, ANNA, BEN)
    results = results_of(job)
    editing(monkeypatch, lambda time: small_job(tmp_path, BEN, ANNA) if time == 1 else None)
    write_report(job, results)
    assert [(line["id"], line["video_id"]) for line in lines(job.sheet)] == [("A-2", "v-A-2"), ("A-1", "v-A-1")]


def test_a_sheet_that_keeps_changing_is_left_to_the_person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = small_job(tmp_path, ANNA)
    results = results_of(job)
    editing(monkeypatch, lambda time: job.sheet.write_text(f"id,name,skip\nA-1,Anna {time},\n"))
    with pytest.raises((SheetChanged, SheetNotWritten)):
        write_report(job, results)
    assert lines(job.sheet) == [{"id": "A-1", "name": "Anna 3", "skip": ""}]


# --- when the sheet cannot take them --------------------------------------------------------------------------


def test_results_wait_beside_a_sheet_that_cannot_be_read_and_come_home(tmp_path: Path) -> None:
    job = small_job(tmp_path, ANNA)
    results, sheet = results_of(job), job.sheet.read_bytes()
    job.sheet.unlink()
    (tmp_path / "people2.csv").write_bytes(sheet)
    with pytest.raises(
        SheetNotWritten, match=r'you mean "people2.csv"\? Meanwhile the results are in people.results.csv'
    ):
        write_report(job, results)
    aside = tmp_path / "people.results.csv"
    assert [(line["row"], line["id"], line["video_id"]) for line in lines(aside)] == [("2", "A-1", "v-A-1")]
    job.sheet.write_bytes(sheet)
    write_report(job, results)
    assert not aside.exists()
    assert lines(job.sheet)[0]["video_id"] == "v-A-1"


def test_a_file_of_the_persons_own_beside_the_sheet_is_never_taken_away(tmp_path: Path) -> None:
    job = small_job(tmp_path, ANNA)
    results = results_of(job)
    own = tmp_path / "people.results.csv"
    own.write_text("survey,answer\n1,yes\n")
    write_report(job, results)
    assert own.read_text() == "survey,answer\n1,yes\n"
    job.sheet.unlink()
    with pytest.raises(SheetNotWritten):
        write_report(job, results)
    assert own.read_text() == "survey,answer\n1,yes\n"


def test_the_file_that_holds_the_results_is_known(tmp_path: Path) -> None:
    job = small_job(tmp_path, ANNA)
    results, sheet = results_of(job), job.sheet.read_bytes()
    assert results_file(job) is None
    write_report(job, results)
    assert results_file(job) == job.sheet
    job.sheet.unlink()
    assert results_file(job) is None
    with pytest.raises(SheetNotWritten):
        write_report(job, results)
    assert results_file(job) == tmp_path / "people.results.csv"
    job.sheet.write_bytes(sheet.replace(b"Anna", "Anna \u00fc".encode("cp1252")))
    assert (
        write_report(job, {key: replace(each, note="\u5b8c") for key, each in results.items()}).path
        == tmp_path / "people.results.xlsx"
    )
    assert results_file(job) == tmp_path / "people.results.xlsx"


@pytest.mark.parametrize("header", ["Nr,name,skip", "id,name,skip,name", "id,id,name,skip"])
def test_results_wait_beside_a_sheet_whose_header_hides_their_rows(tmp_path: Path, header: str) -> None:
    job = small_job(tmp_path, ANNA, BEN)
    results = results_of(job)
    write_report(job, {key: replace(each, note="first") for key, each in results.items()})
    good = job.sheet.read_text(encoding="utf-8-sig")
    job.sheet.write_text(f"{header}\n,Anna,\n,Ben,\n", encoding="utf-8")
    broken = job.sheet.read_bytes()
    with pytest.raises(SheetNotWritten, match=r"column|header") as refused:
        write_report(job, results)
    assert "people.results.csv" in refused.value.reason
    assert job.sheet.read_bytes() == broken
    assert [line["video_id"] for line in lines(tmp_path / "people.results.csv")] == ["v-A-1", "v-A-2"]
    job.sheet.write_text(good, encoding="utf-8")
    assert write_report(job, results).conflicts == ()
    assert [line["video_note"] for line in lines(job.sheet)] == ["", ""]


def test_a_stray_note_beside_the_table_keeps_no_result_away(tmp_path: Path) -> None:
    """It stops a run before anything is sent; the rows are found all the same."""
    job = small_job(tmp_path, ("A-1", "Anna", "", "ask Bob"), headers=(*HEADERS, ""))
    write_report(job, {"A-1": result()})
    assert lines(job.sheet)[0]["video_status"] == "succeeded"


def test_a_row_that_is_gone_from_the_sheet_wipes_nothing(tmp_path: Path) -> None:
    job = small_job(tmp_path, ANNA, BEN)
    results = {key: replace(each, note="first") for key, each in results_of(job).items()}
    write_report(job, results)
    whole = job.sheet.read_text(encoding="utf-8-sig")
    job.sheet.write_text("".join(whole.splitlines(keepends=True)[:2]), encoding="utf-8")
    write_report(job, results)
    job.sheet.write_text(whole, encoding="utf-8")
    assert write_report(job, {key: replace(each, note="second") for key, each in results.items()}).conflicts == ()
    assert [line["video_note"] for line in lines(job.sheet)] == ["second", "second"]


def test_a_persons_own_file_with_the_name_of_the_simulated_sheet_is_left_alone(tmp_path: Path) -> None:
    job = small_job(tmp_path, ANNA).in_simulator(clock_speed=20)
    own = tmp_path / "people.simulated.csv"
    own.write_text("survey,answer\n1,yes\n")
    with pytest.raises(SheetNotWritten, match="batchgen did not make"):
        write_report(job, results_of(job))
    assert own.read_text() == "survey,answer\n1,yes\n"
    own.unlink()
    write_report(job, results_of(job))
    write_report(job, results_of(job))
    assert lines(own)[0]["video_status"] == "succeeded"


def test_a_folder_where_results_would_wait_is_left_alone(tmp_path: Path) -> None:
    job = small_job(tmp_path, ANNA)
    results = results_of(job)
    (tmp_path / "people.results.csv").mkdir()
    write_report(job, results)
    job.sheet.unlink()
    with pytest.raises(SheetNotWritten):
        write_report(job, results)
    assert (tmp_path / "people.results.csv").is_dir()
