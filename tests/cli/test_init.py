"""``batchgen init``: a job to start from, in a folder of its own."""

from __future__ import annotations

import shlex
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from batchgen.fields import ARMS, BY_PATH
from batchgen.job import load_job
from batchgen.job_template import JobTemplate, job_templates, start_job
from batchgen.request import build_rows
from batchgen.request.pieces import arm_of
from batchgen.sheet import read_sheet
from tests.batchgen_process import batchgen, environment

TEMPLATES = job_templates()


def test_without_a_name_it_lists_the_templates(tmp_path: Path) -> None:
    listed = batchgen("init", folder=tmp_path)
    assert listed.code == 0
    for template in TEMPLATES:
        assert f"{template.name} " in listed.stdout
        assert template.summary in listed.stdout
    assert list(tmp_path.iterdir()) == []


def test_json_lists_the_templates_too(tmp_path: Path) -> None:
    facts = batchgen("init", "--json", folder=tmp_path).json
    assert [entry["name"] for entry in facts["templates"]] == [template.name for template in TEMPLATES]


def test_it_makes_a_job_and_says_what_to_type_next(tmp_path: Path) -> None:
    facts = batchgen("init", "avatar", "--folder", "spring campaign", "--json", folder=tmp_path).json
    assert sorted(path.name for path in (tmp_path / "spring campaign").iterdir()) == ["customers.xlsx", "job.toml"]
    assert facts["next"] == "batchgen run 'spring campaign' --simulate"
    ran = batchgen(*shlex.split(facts["next"])[1:], "--static", "--json", folder=tmp_path)
    assert ran.json["counts"] == {"succeeded": 2, "filtered": 1}


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    mine = tmp_path / "avatar" / "job.toml"
    mine.parent.mkdir()
    mine.write_text("mine")
    refused = batchgen("init", "avatar", folder=tmp_path)
    assert refused.code == 2
    assert "already has job.toml; nothing was written" in refused.stderr
    assert "batchgen init avatar --folder avatar-2" in refused.stderr
    assert mine.read_text() == "mine"
    assert list(mine.parent.iterdir()) == [mine]
    into_a_file = batchgen("init", "avatar", "--folder", mine, folder=tmp_path)
    assert (into_a_file.code, mine.read_text()) == (2, "mine")
    assert "job.toml is a file; nothing was written." in into_a_file.stderr


def test_beside_a_job_in_this_folder_another_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "job.toml").write_text("mine")
    refused = batchgen("init", "avatar", "--folder", ".", "--json", folder=tmp_path)
    assert refused.json["next"] == "batchgen init avatar --folder avatar"


def test_other_files_in_the_folder_do_not_matter(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    assert batchgen("init", "avatar", "--folder", ".", folder=tmp_path).code == 0
    assert (tmp_path / "job.toml").exists()


def test_a_misspelt_template_gets_a_did_you_mean(tmp_path: Path) -> None:
    refused = batchgen("init", "avatr", "--json", folder=tmp_path)
    assert refused.code == 2
    assert 'Did you mean "avatar"?' in refused.json["problems"][0]["message"]
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_told_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    refused = batchgen("init", "avatar", "--folder", "file/campaign", folder=tmp_path)
    assert refused.code == 1
    assert "cannot be written" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_of_a_job_that_cannot_be_written_wholly_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "avatar").mkdir()
    (tmp_path / "avatar" / "job.toml").symlink_to("nowhere")
    ended = batchgen("init", "avatar", folder=tmp_path)
    assert (ended.code, ended.stdout) == (1, "")
    assert "avatar/job.toml cannot be written: File exists.\n" in ended.stderr
    assert [path.name for path in (tmp_path / "avatar").iterdir()] == ["job.toml"]


def test_a_workbook_that_cannot_be_made_is_told_without_a_traceback(tmp_path: Path) -> None:
    limited = 'ulimit -f 1 && exec "$0" -m batchgen init avatar --folder job'  # not even a temporary file fits
    arguments = ["/bin/sh", "-c", limited, sys.executable]
    ended = subprocess.run(arguments, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == "job cannot be written: File too large.\nNext: batchgen init\n"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_every_template_builds_without_problems_or_warnings(template: JobTemplate, tmp_path: Path) -> None:
    start_job(template, tmp_path)
    job = load_job(tmp_path)
    built = build_rows(job, read_sheet(job.sheet, tab=job.tab))
    assert built.problems == ()
    assert built.warnings == ()
    assert len(built.rows) >= 2


def test_there_is_a_template_for_each_kind_of_video(tmp_path: Path) -> None:
    made = set()
    for template in TEMPLATES:
        start_job(template, tmp_path / template.name)
        job = load_job(tmp_path / template.name)
        rows = build_rows(job, read_sheet(job.sheet, tab=job.tab)).rows
        made |= {arm_of(row.request.payload) for row in rows}
    assert made == ARMS


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_every_template_can_be_planned_before_anybody_has_a_key(template: JobTemplate, tmp_path: Path) -> None:
    start_job(template, tmp_path)
    planned = batchgen("plan", ".", "--offline", "--json", folder=tmp_path)
    assert planned.code == 0, planned.stderr
    assert planned.json["to_send"] >= 2
    assert not planned.json.get("warnings")


def test_files_that_its_sheet_names_come_with_a_job(tmp_path: Path) -> None:
    facts = batchgen("init", "local-media", "--folder", "mine", "--json", folder=tmp_path).json
    photo = tmp_path / "mine" / "photos" / "anna.jpg"
    assert str(photo.relative_to(tmp_path)) in facts["files"]
    assert photo.read_bytes().startswith(b"\xff\xd8")
    (tmp_path / "mine" / "job.toml").unlink()
    refused = batchgen("init", "local-media", "--folder", "mine", folder=tmp_path)
    assert "already has photos/anna.jpg and" in refused.stderr


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_every_column_of_a_template_has_as_many_examples(template: JobTemplate, tmp_path: Path) -> None:
    start_job(template, tmp_path)
    job = load_job(tmp_path)
    rows = read_sheet(job.sheet, tab=job.tab).rows
    assert [row.number for row in rows] == list(range(2, len(rows) + 2))
    assert all(row.cells[0] for row in rows)


def test_notes_and_drop_downs_say_what_the_list_of_fields_says(tmp_path: Path) -> None:
    avatar = next(template for template in TEMPLATES if template.name == "avatar")
    start_job(avatar, tmp_path)
    sheet = load_workbook(BytesIO((tmp_path / "customers.xlsx").read_bytes()))["Customers"]
    notes = {cell.value: cell.comment.text for cell in sheet[1] if cell.comment}
    assert notes["Voice"].startswith(BY_PATH["voice_id"].note)
    assert "{{ first_name }}" in notes["First name"]
    assert notes["Voice"].endswith("Empty: the job file decides.")
    lists = {str(rule.sqref)[0]: rule.formula1 for rule in sheet.data_validations.dataValidation}
    headers = {cell.value: cell.coordinate[0] for cell in sheet[1]}
    assert lists[headers["Format"]] == f'"{",".join(BY_PATH["aspect_ratio"].choices)}"'
    assert lists[headers["resolution"]] == f'"{",".join(BY_PATH["resolution"].choices)}"'
    assert lists[headers["approved"]] == '"yes,no"'


def test_a_template_may_say_itself_what_an_empty_cell_means(tmp_path: Path) -> None:
    scenes = next(template for template in TEMPLATES if template.name == "scenes")
    start_job(scenes, tmp_path)
    header = load_workbook(BytesIO((tmp_path / "members.xlsx").read_bytes())).worksheets[0][1]
    (note,) = (cell.comment.text for cell in header if cell.value == "Scene 3 script" and cell.comment)
    assert note.startswith(BY_PATH["script"].note)
    assert note.endswith("Empty: the row does without this scene.")
