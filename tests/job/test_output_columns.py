"""A job file chooses which result columns are written, and under which headers."""

from __future__ import annotations

from pathlib import Path

import pytest

from batchgen.job import MORE_COLUMNS, RESULT_COLUMNS, Job, load_job
from batchgen.job.settings import SNIPPET
from tests.job.test_load import only_problem


def job_of(folder: Path, output: str) -> Job:
    (folder / "job.toml").write_text(f'sheet = "a.csv"\n{output}\n', encoding="utf-8")
    return load_job(folder)


def test_without_a_word_about_them_the_columns_are_the_usual_ones(tmp_path: Path) -> None:
    assert tuple(job_of(tmp_path, "").output.columns) == RESULT_COLUMNS


def test_a_column_that_is_false_is_left_out(tmp_path: Path) -> None:
    columns = job_of(tmp_path, "[output.columns]\nvideo_page = false\nvideo_note = true").output.columns
    assert tuple(columns) == tuple(name for name in RESULT_COLUMNS if name != "video_page")


def test_more_columns_come_when_they_are_asked_for_behind_the_usual_ones(tmp_path: Path) -> None:
    text = '[output]\ndownload = ["video", "gif"]\n[output.columns]\nvideo_gif_file = "Picture"\nvideo_title = true'
    columns = job_of(tmp_path, text).output.columns
    assert tuple(columns) == (*RESULT_COLUMNS, "video_title", "video_gif_file")
    assert columns["video_gif_file"] == "Picture"


def test_every_further_column_can_be_asked_for(tmp_path: Path) -> None:
    everything = 'download = ["video", "captioned_video", "subtitles", "thumbnail", "gif"]'
    asked = "\n".join(f"{name} = true" for name in MORE_COLUMNS)
    columns = job_of(tmp_path, f"[output]\n{everything}\n[output.columns]\n{asked}").output.columns
    assert tuple(columns) == (*RESULT_COLUMNS, *MORE_COLUMNS)


def test_a_snippet_of_ones_own_brings_its_column_along(tmp_path: Path) -> None:
    output = job_of(tmp_path, '[output]\nhtml = "<b>{{ title }}</b>"').output
    assert (output.columns["video_html"], output.html) == ("video_html", "<b>{{ title }}</b>")
    output = job_of(tmp_path, '[output]\nhtml = "<b>x</b>"\n[output.columns]\nvideo_html = false').output
    assert "video_html" not in output.columns
    assert job_of(tmp_path, "[output.columns]\nvideo_html = true").output.html == SNIPPET


@pytest.mark.parametrize("url", ["https://cdn.example.com/videos", "https://cdn.example.com/videos/"])
def test_the_address_of_the_published_folder_ends_with_one_slash(tmp_path: Path, url: str) -> None:
    assert job_of(tmp_path, f'[output]\nfiles_url = "{url}"').output.files_url == "https://cdn.example.com/videos/"


@pytest.mark.parametrize(
    ("output", "told"),
    [
        ("[output.columns]\nvideo_id = false", "[output.columns] video_id: cannot be left out."),
        ("[output.columns]\nvideo_status = false", "Give it another header instead."),
        ("[output.columns]\nvideo_gif_file = true", 'because gif is not fetched. Add "gif" to download.'),
        ("[output.columns]\nvideo_html = 3", "video_html: must be a text, not a number."),
        ("[output.columns]\nvideo_htlm = true", 'Did you mean "video_html"?'),
        ('[output.columns]\nvideo_title = "video_id"', '"video_id" is already the column of video_id.'),
        ('[output]\nfiles_url = "cdn.example.com/videos"', "[output] files_url:"),
        ('[output]\nfiles_url = "https://example.com/?folder=1"', 'leave out everything from "?" or "#" on.'),
        ('[output]\nhtml = ""', "html: is empty."),
    ],
)
def test_what_cannot_be_is_told_with_what_to_do(tmp_path: Path, output: str, told: str) -> None:
    assert told in only_problem(tmp_path, f'sheet = "a.csv"\n{output}\n')
