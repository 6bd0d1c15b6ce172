"""Only the columns that the job asks for are written, and what a column no longer holds is left alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from openpyxl import Workbook, load_workbook

from batchgen.job import Job, load_job
from batchgen.ledger import Details, Result, Status
from batchgen.report import results_file, write_report
from batchgen.report.cells import result_cells
from tests.report.test_conflicts import edited
from tests.report.test_write import lines, results_of
from tests.small_sheet import ANNA, BEN, HEADERS, JOB_FILE, built_rows, small_job

ALL = 'download = ["video", "captioned_video", "subtitles", "thumbnail", "gif"]\n'
MERGE = (
    JOB_FILE
    + "[output]\n"
    + ALL
    + """
html = '<a href="{{ page }}"><img src="{{ thumbnail }}" alt="{{ name }}"></a>'
[output.columns]
video_page = false
video_title = true
video_folder = true
video_gif_file = "Picture"
video_subtitles_link = true
video_html = "Snippet"
"""
)
WITHOUT_PAGE = JOB_FILE + "[output.columns]\nvideo_page = false\n"
PUBLISHED = MERGE.replace("[output]\n", '[output]\nfiles_url = "https://cdn.example.com/v"\n')
DETAILS = Details(
    title="For Anna",
    folder_id="folder-7",
    files={"video": "A 1.mp4", "gif": "A 1.gif", "thumbnail": "A 1.jpg"},
    links={"subtitles": "https://files.example.com/a.srt?expires=1"},
)
ASKED = ["video_title", "video_folder", "Picture", "video_subtitles_link", "Snippet"]


def chosen_anew(job: Job, job_file: str) -> Job:
    """The same job after its file was edited."""
    (job.folder / "job.toml").write_text(job_file, encoding="utf-8")
    return load_job(job.folder)


def detailed(job: Job, **changes: object) -> dict[str, Result]:
    details = replace(DETAILS, **changes)  # type: ignore[arg-type]
    return {row_id: replace(done, details=details, path="A 1.mp4") for row_id, done in results_of(job).items()}


def test_the_sheet_gets_the_columns_that_the_job_asks_for(tmp_path: Path) -> None:
    job = small_job(tmp_path, ("A-1", 'An"na', ""), job_file=MERGE)
    write_report(job, detailed(job))
    (line,) = lines(job.sheet)
    assert [header for header in line if header not in HEADERS] == list(job.output.columns.values())
    assert "video_page" not in line
    assert [line[header] for header in ASKED] == [
        "For Anna",
        "folder-7",
        "videos/A 1.gif",
        "https://files.example.com/a.srt?expires=1",
        '<a href="https://app.example.com/v1"><img src="videos/A%201.jpg" alt="An&quot;na"></a>',
    ]


def test_files_of_a_published_folder_are_told_as_links(tmp_path: Path) -> None:
    job = small_job(tmp_path, ANNA, job_file=PUBLISHED)
    write_report(job, detailed(job))
    (line,) = lines(job.sheet)
    assert (line["video_file"], line["Picture"]) == (
        "https://cdn.example.com/v/A%201.mp4",
        "https://cdn.example.com/v/A%201.gif",
    )
    assert 'src="https://cdn.example.com/v/A%201.jpg"' in line["Snippet"]


def test_what_is_simulated_is_not_published_and_leads_to_its_own_files(tmp_path: Path) -> None:
    job = small_job(tmp_path, ANNA, job_file=PUBLISHED).in_simulator(clock_speed=20)
    write_report(job, detailed(job))
    (line,) = lines(job.results)
    assert (line["video_file"], line["video_subtitles_link"]) == ("videos.simulated/A 1.mp4", "")
    assert line["Snippet"].startswith('<a href="videos.simulated/A%201.mp4"><img src="videos.simulated/A%201.jpg"')


def test_a_row_on_its_way_has_a_title_but_neither_files_nor_a_snippet(tmp_path: Path) -> None:
    job = small_job(tmp_path, ANNA, job_file=MERGE)
    rendering = {row_id: replace(entry, status=Status.RENDERING) for row_id, entry in detailed(job).items()}
    write_report(job, rendering)
    (line,) = lines(job.sheet)
    assert [line[header] for header in ASKED] == ["For Anna", "folder-7", "", "", ""]


def test_a_picture_that_could_not_be_had_leaves_no_broken_snippet_and_the_note_says_why(tmp_path: Path) -> None:
    job = small_job(tmp_path, ANNA, job_file=MERGE)
    write_report(job, detailed(job, files={"video": "A 1.mp4"}))
    (line,) = lines(job.sheet)
    assert (line["Snippet"], line["video_note"]) == ("", "no video_html: src is empty.")


def test_a_column_that_is_left_out_later_keeps_what_it_holds_and_is_the_persons_own(tmp_path: Path) -> None:
    results = results_of(job := small_job(tmp_path, ANNA, BEN))
    write_report(job, results)
    edited(job.sheet, "https://app.example.com/v1", "my own link")
    with_less = chosen_anew(job, WITHOUT_PAGE)
    written = write_report(with_less, {key: replace(each, video_id="v9") for key, each in results.items()})
    assert written.conflicts == ()
    assert [(line["video_page"], line["video_id"]) for line in lines(job.sheet)] == [("my own link", "v9")] * 2


def test_a_column_that_comes_back_is_filled_in_again_and_words_in_it_are_kept(tmp_path: Path) -> None:
    results = results_of(job := small_job(tmp_path, ANNA, BEN))
    write_report(job, results)
    write_report(chosen_anew(job, WITHOUT_PAGE), results)
    first, rest = job.sheet.read_text(encoding="utf-8-sig").split("https://app.example.com/v1", 1)
    job.sheet.write_text(f"{first}my own link{rest}", encoding="utf-8")
    written = write_report(job, {key: replace(each, page_url="https://new") for key, each in results.items()})
    assert [line["video_page"] for line in lines(job.sheet)] == ["my own link", "https://new"]
    assert [each.value for each in written.conflicts] == ["my own link"]


def test_words_that_stand_in_a_column_which_is_asked_for_later_are_kept_and_told(tmp_path: Path) -> None:
    job = small_job(tmp_path, ANNA)
    write_report(job, results_of(job))
    text = job.sheet.read_text(encoding="utf-8-sig").splitlines()
    job.sheet.write_text(f"{text[0]},Snippet\n{text[1]},call her\n", encoding="utf-8")
    written = write_report(chosen_anew(job, MERGE), detailed(job))
    assert (lines(job.sheet)[0]["Snippet"], written.conflicts[0].value) == ("call her", "call her")


def test_a_snippet_is_never_a_formula_and_links_of_files_are_clickable(tmp_path: Path) -> None:
    job = small_job(tmp_path, ANNA)
    results = detailed(job)
    book = Workbook()
    assert book.active is not None
    for cells in (HEADERS, ANNA):
        book.active.append(cells)
    book.save(tmp_path / "people.xlsx")
    job_file = PUBLISHED.replace("people.csv", "people.xlsx").replace("html = '", "html = '={{ name }} ")
    job = chosen_anew(job, job_file)
    write_report(job, results)
    tab = load_workbook(job.sheet).active
    assert tab is not None
    headers = [cell.value for cell in tab[1]]
    snippet, file = tab[2][headers.index("Snippet")], tab[2][headers.index("video_file")]
    assert (snippet.data_type, str(snippet.value)[:6]) == ("s", "=Anna ")
    assert file.hyperlink is not None and file.hyperlink.target == "https://cdn.example.com/v/A%201.mp4"


def test_results_wait_under_the_chosen_columns_and_come_home_under_others(tmp_path: Path) -> None:
    job = small_job(tmp_path, ANNA)
    results = detailed(job)
    aside = tmp_path / "people.results.csv"
    aside.write_text("row,id,video_status,video_id,video_page\n2,A-1,rendering,v0,\n", encoding="utf-8")
    assert results_file(job) == aside
    write_report(job, results)
    assert not aside.exists()


def test_a_sheet_with_a_title_column_of_its_own_is_not_taken_for_results(tmp_path: Path) -> None:
    job_file = JOB_FILE + "[output.columns]\nvideo_title = true\n"
    job = small_job(tmp_path, (*ANNA, "mine"), headers=(*HEADERS, "video_title"), job_file=job_file)
    assert results_file(job) is None
    assert result_cells(job, next(iter(results_of(job).values())), changed=False)["video_title"] is None
    assert built_rows(job).problems == ()
