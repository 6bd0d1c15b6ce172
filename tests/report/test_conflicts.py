"""What a person writes into a result column stays theirs, and is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from batchgen.ledger import Result
from batchgen.report import write_report
from tests.report.test_write import lines, results_of
from tests.small_sheet import ANNA, BEN, small_job


def edited(sheet: Path, old: str, new: str) -> None:
    text = sheet.read_text(encoding="utf-8-sig")
    assert old in text
    sheet.write_text(text.replace(old, new), encoding="utf-8")


def with_note(results: dict[str, Result], note: str) -> dict[str, Result]:
    return {row_id: replace(entry, note=note) for row_id, entry in results.items()}


def test_a_persons_words_in_a_result_column_are_kept_and_told(tmp_path: Path) -> None:
    job = small_job(tmp_path, ANNA, BEN)
    results = with_note(results_of(job), "first")
    write_report(job, results)
    edited(job.sheet, "first", "call the client")
    written = write_report(job, with_note(results, "second"))
    assert [line["video_note"] for line in lines(job.sheet)] == ["call the client", "call the client"]
    assert [(each.row, each.column, each.value) for each in written.conflicts] == [
        (2, "video_note", "call the client"),
        (3, "video_note", "call the client"),
    ]


def test_a_cleared_cell_gets_its_result_again(tmp_path: Path) -> None:
    job = small_job(tmp_path, ANNA, BEN)
    results = with_note(results_of(job), "first")
    write_report(job, results)
    edited(job.sheet, "first", "")
    assert write_report(job, results).conflicts == ()
    assert "first" in lines(job.sheet)[0]["video_note"]


def test_new_results_replace_old_ones_without_a_conflict(tmp_path: Path) -> None:
    job = small_job(tmp_path, ANNA, BEN)
    results = results_of(job)
    write_report(job, with_note(results, "=first"))
    assert write_report(job, with_note(results, "second")).conflicts == ()
    assert [line["video_note"] for line in lines(job.sheet)] == ["second", "second"]
