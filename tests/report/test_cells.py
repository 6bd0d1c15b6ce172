"""What the result columns of one row say."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from batchgen.job import RESULT_COLUMNS
from batchgen.ledger import Status
from batchgen.report.cells import CHANGED_NOTE, invalid_cells, result_cells, usd
from tests.report.results import NOON, result
from tests.small_sheet import ANNA, JOB_FILE, small_job

RENAMED = JOB_FILE + '[output]\nfolder = "out/clips"\ncolumns = { video_status = "Status", video_file = "File" }\n'


def test_a_finished_row_says_everything(tmp_path: Path) -> None:
    cells = result_cells(small_job(tmp_path, ANNA), result(), changed=False)
    assert list(cells) == list(RESULT_COLUMNS)
    assert cells == {
        "video_status": "succeeded",
        "video_id": "v1",
        "video_page": "https://app.example.com/v1",
        "video_file": "videos/A-1.mp4",
        "video_duration_s": 12.35,
        "video_cost_usd": 0.6173,
        "video_note": None,
        "video_updated_at": datetime.fromtimestamp(NOON),  # noqa: DTZ006 - the person's own clock
    }


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.SUCCEEDED])
def test_a_row_on_its_way_names_no_file(tmp_path: Path, status: Status) -> None:
    """A file that is being fetched, or belongs to an earlier attempt, is not there to be opened."""
    entry = result(status=status, duration_s=None, cost_microusd=None, note="HTTP 429")
    cells = result_cells(small_job(tmp_path, ANNA), entry, changed=False)
    assert (cells["video_status"], cells["video_file"]) == (str(status), None)
    assert (cells["video_duration_s"], cells["video_cost_usd"], cells["video_note"]) == (None, None, "HTTP 429")


def test_a_length_and_a_cost_of_zero_are_said(tmp_path: Path) -> None:
    cells = result_cells(small_job(tmp_path, ANNA), result(duration_s=0.0, cost_microusd=0), changed=False)
    assert (cells["video_duration_s"], cells["video_cost_usd"]) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("note", "expected"), [("", CHANGED_NOTE), ("not available: gif", f"not available: gif; {CHANGED_NOTE}")]
)
def test_an_edited_row_is_told_that_its_video_is_of_before(tmp_path: Path, note: str, expected: str) -> None:
    cells = result_cells(small_job(tmp_path, ANNA), result(note=note), changed=True)
    assert (cells["video_note"], cells["video_status"]) == (expected, "succeeded")


def test_columns_may_have_other_headers_and_files_lie_where_the_job_says(tmp_path: Path) -> None:
    cells = result_cells(small_job(tmp_path, ANNA, job_file=RENAMED), result(), changed=False)
    assert (cells["Status"], cells["File"], cells["video_id"]) == ("succeeded", "out/clips/A-1.mp4", "v1")
    assert "video_status" not in cells


def test_a_simulated_video_has_no_page(tmp_path: Path) -> None:
    job = small_job(tmp_path, ANNA).in_simulator(clock_speed=20)
    cells = result_cells(job, result(), changed=False)
    assert (cells["video_page"], cells["video_file"]) == (None, "videos.simulated/A-1.mp4")


def test_a_row_that_cannot_be_sent_says_why_and_nothing_else(tmp_path: Path) -> None:
    cells = invalid_cells(small_job(tmp_path, ANNA, job_file=RENAMED), "The script is too long.")
    assert (cells.pop("Status"), cells.pop("video_note")) == ("invalid", "The script is too long.")
    assert set(cells.values()) == {None}


@pytest.mark.parametrize(("micro", "dollars"), [(0, 0.0), (1, 0.0), (149, 0.0001), (617_300, 0.6173), (10**9, 1000.0)])
def test_money_is_shown_in_dollars(micro: int, dollars: float) -> None:
    assert usd(micro) == dollars
