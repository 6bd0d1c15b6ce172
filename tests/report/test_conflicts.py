"""What a person writes into a result column stays theirs, and is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from batchgen.ledger import Result, Status
from batchgen.report import remember_renamed, write_report
from batchgen.report.memory import written_before
from batchgen.sheet import Written, write_results
from tests.report.test_write import lines, results_of
from tests.small_sheet import ANNA, BEN, JOB_FILE, small_job


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


def test_words_are_kept_after_the_rows_got_another_id(tmp_path: Path) -> None:
    job = small_job(tmp_path, ANNA, BEN)
    results = with_note(results_of(job), "first")
    write_report(job, results)
    ids = list(results)
    remember_renamed(job, {f"old-{row_id}": row_id for row_id in ids})  # what nobody wrote changes nothing
    remember_renamed(job, {row_id: f"as-{row_id}" for row_id in ids})
    assert list(written_before(job)) == [f"as-{row_id}" for row_id in ids]
    remember_renamed(job, {f"as-{row_id}": row_id for row_id in ids})
    edited(job.sheet, "first", "call the client")
    assert len(write_report(job, with_note(results, "second")).conflicts) == 2


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


def test_a_persons_words_in_a_result_cell_that_was_empty_are_kept_too(tmp_path: Path) -> None:
    job = small_job(tmp_path, ANNA)
    results = with_note(results_of(job), "")
    write_report(job, results)
    header, row = job.sheet.read_text(encoding="utf-8-sig").splitlines()
    cells = row.split(",")
    cells[header.split(",").index("video_note")] = "call the client"
    job.sheet.write_text(f"{header}\n{','.join(cells)}\n", encoding="utf-8")
    written = write_report(job, results)
    assert [each.value for each in written.conflicts] == ["call the client"]
    assert lines(job.sheet)[0]["video_note"] == "call the client"


# --- our own texts are never taken for a person's ---------------------------------------------------------------


class Killed(BaseException):
    """The process dies."""


@pytest.mark.parametrize("moment", ["before the sheet is replaced", "after the sheet was replaced"])
def test_killed_at_the_write_back_our_own_texts_are_replaced_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    job = small_job(tmp_path, ANNA, BEN)
    results = results_of(job)
    write_report(job, with_note(results, "first"))

    def killed(*args: Any, **kwargs: Any) -> Written:
        if moment.startswith("after"):
            write_results(*args, **kwargs)
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr("batchgen.report.write.write_results", killed)
        with pytest.raises(Killed):
            write_report(job, with_note(results, "second"))
    written = write_report(job, with_note(results, "third"))
    assert written.conflicts == ()
    assert [line["video_note"] for line in lines(job.sheet)] == ["third", "third"]


def test_an_older_copy_of_the_sheet_is_brought_up_to_date(tmp_path: Path) -> None:
    job = small_job(tmp_path, ANNA, BEN)
    results = results_of(job)
    old = {key: replace(each, status=Status.FAILED, note="no", video_id="v-0") for key, each in results.items()}
    write_report(job, old)
    copy = job.sheet.read_bytes()
    write_report(job, with_note(results, "second"))
    write_report(job, with_note(results, "third"))
    job.sheet.write_bytes(copy)
    assert write_report(job, results).conflicts == ()
    assert [(line["video_status"], line["video_id"], line["video_note"]) for line in lines(job.sheet)] == [
        ("succeeded", "v-A-1", ""),
        ("succeeded", "v-A-2", ""),
    ]


def test_a_status_word_is_ours_whoever_wrote_it(tmp_path: Path) -> None:
    job = small_job(tmp_path, ANNA, BEN)
    write_report(job, results_of(job))
    edited(job.sheet, "succeeded", "rendering")
    assert write_report(job, results_of(job)).conflicts == ()
    assert [line["video_status"] for line in lines(job.sheet)] == ["succeeded", "succeeded"]


def test_equal_rows_without_ids_may_change_places_with_their_results(tmp_path: Path) -> None:
    job = small_job(tmp_path, ("", "Anna", ""), ("", "Anna", ""), job_file=JOB_FILE.replace('id = "id"\n', ""))
    write_report(job, results_of(job))
    before = lines(job.sheet)
    header, first, second = job.sheet.read_text(encoding="utf-8-sig").splitlines()
    job.sheet.write_text("\n".join((header, second, first)) + "\n", encoding="utf-8")
    assert lines(job.sheet) != before
    assert write_report(job, results_of(job)).conflicts == ()
    assert lines(job.sheet) == before
    edited(job.sheet, before[0]["video_id"], "my own words")
    assert [each.value for each in write_report(job, results_of(job)).conflicts] == ["my own words"]


def test_where_nothing_can_be_remembered_nothing_of_ours_is_kept_for_ever(tmp_path: Path) -> None:
    job = small_job(tmp_path, ANNA)
    results = results_of(job)
    write_report(job, with_note(results, "first"))
    in_the_way = job.state_folder / f"{job.name}.written.json.part"
    in_the_way.mkdir()
    write_report(job, with_note(results, "second"))
    in_the_way.rmdir()
    assert write_report(job, with_note(results, "third")).conflicts == ()
    assert lines(job.sheet)[0]["video_note"] == "third"


@pytest.mark.parametrize("memory", ["[]", '{"A-1": 1}', '{"A-1": {"video_note": "first"}}', "\0", "a folder"])
def test_a_memory_that_is_none_does_not_stop_a_report(tmp_path: Path, memory: str) -> None:
    job = small_job(tmp_path, ANNA)
    file = job.state_folder / f"{job.name}.written.json"
    file.parent.mkdir()
    if memory == "a folder":
        file.mkdir()
    else:
        file.write_text(memory)
    assert write_report(job, with_note(results_of(job), "second")).conflicts == ()
    assert lines(job.sheet)[0]["video_note"] == "second"
