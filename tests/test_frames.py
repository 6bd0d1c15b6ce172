"""A DataFrame becomes a job that every command works on, and the results come back as a DataFrame."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas
import pytest

from batchgen import InvalidInput, Job, load_job, read_sheet, results_of
from tests.batchgen_process import Ended
from tests.cli.in_process import batchgen_here

REQUEST = {"type": "avatar", "avatar_id": "Anna_public", "script": "Hello {{ name }}"}
PEOPLE = pandas.DataFrame(
    {
        "id": [1001.0, 1002.0, None],
        "name": ["Anna", "=Ben; the +1", "nobody"],
        "born": pandas.to_datetime(["2001-02-03"] * 3),
    }
)


def people_job(folder: Path, frame: pandas.DataFrame = PEOPLE, **settings: Any) -> Job:
    return Job.from_frame(frame, name="people", folder=folder, id="id", **{"request": REQUEST} | settings)


def simulated(folder: Path) -> Ended:
    return batchgen_here("run", folder, "--simulate", "--static", "--clock-speed", 200, "--skip-invalid", "--json")


def test_it_runs_goes_on_and_comes_back(tmp_path: Path) -> None:
    job = people_job(tmp_path)
    assert results_of(job)["video_status"].isna().all()
    assert simulated(tmp_path).json["counts"] == {"succeeded": 2, "invalid": 1}

    results = results_of(job.in_simulator(clock_speed=200))
    assert list(results.columns[:4]) == ["id", "name", "born", "video_status"]
    assert results["id"].tolist() == ["1001", "1002", ""]
    assert results.loc[3, "name"] == "=Ben; the +1"
    assert results["video_status"].tolist() == ["succeeded", "succeeded", "invalid"]
    assert (tmp_path / str(results.loc[2, "video_file"])).is_file()

    longer = pandas.concat([PEOPLE.iloc[[1, 0]], pandas.DataFrame({"id": [1003], "name": ["Cleo"]})])
    people_job(tmp_path, longer)
    ended = simulated(tmp_path)
    assert ended.json["counts"] == {"succeeded": 3}
    assert len(list((tmp_path / "videos.simulated").glob("*.mp4"))) == 3
    assert results_of(load_job(tmp_path).in_simulator(clock_speed=1)).loc[4, "video_status"] == "succeeded"


def test_rows_to_be_mended_can_be_had_as_a_file(tmp_path: Path) -> None:
    people_job(tmp_path)
    simulated(tmp_path)
    ended = batchgen_here("report", tmp_path, "--simulate", "--failed", tmp_path / "fix-me.xlsx", "--json")
    assert ended.json["rows"] == 1
    assert read_sheet(tmp_path / "fix-me.xlsx").rows[0].cells[1] == "nobody"


def test_the_job_file_says_what_was_given(tmp_path: Path) -> None:
    made = people_job(
        tmp_path,
        only_if="name != 'nobody'",
        request=REQUEST | {"voice_settings": {"speed": 1.05}, "title": 'a "quoted"\n\x7f\t\\ title 😀'},
        columns={"Born on": False},
        output={"folder": tmp_path / "out", "download": ("video", "gif"), "columns": {"video_status": "Status"}},
        pacing={"concurrency": 3},
        retry={"attempts": 1},
        price={"usd_per_s": {"avatar_iv": 0.1}},
    )
    assert made == load_job(tmp_path)
    assert made.request["voice_settings"] == {"speed": 1.05}
    assert made.request["title"] == 'a "quoted"\n\x7f\t\\ title 😀'
    assert (made.output.folder, made.output.download) == (tmp_path / "out", ("video", "gif"))


@pytest.mark.parametrize(
    "column",
    [
        ["a;b", "c;d"],
        ["a\tb", "  c "],
        ["two\nlines", 'a "quote"'],
        ["NA", "007"],
        ["1e5", "-3"],
        ["", "x"],
        ["sep=;", "ü"],
        ["'=1", "\r\n"],
    ],
)
@pytest.mark.parametrize("header", ["text", "te;xt", "sep=;"])
def test_every_text_stays_what_it_is(tmp_path: Path, header: str, column: list[str]) -> None:
    job = Job.from_frame(pandas.DataFrame({header: column}), name="texts", folder=tmp_path)
    sheet = read_sheet(job.sheet)
    assert sheet.headers == (header,)
    assert [(row.number, row.cells) for row in sheet.rows] == [
        (number, (text,)) for number, text in enumerate(column, start=2) if text
    ]


def test_what_is_wrong_with_the_settings_is_told_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as told:
        Job.from_frame(PEOPLE, name="a/b", folder=tmp_path, request={"scrpt": "x"}, retry={"attempts": 99})
    assert len(told.value.problems) == 3
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["job.toml", "people.csv"])
def test_files_of_the_persons_own_are_not_written_over(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text('sheet = "mine"', encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"was not made by Job.from_frame"):
        people_job(tmp_path)
    assert (tmp_path / name).read_text(encoding="utf-8") == 'sheet = "mine"'


@pytest.mark.parametrize("frame", [{"": ["x"]}, {"id": ["half \ud83d"]}, {"id": []}], ids=["no name", "half", "empty"])
def test_a_frame_that_is_no_sheet_is_a_plain_word(tmp_path: Path, frame: dict[str, list[str]]) -> None:
    with pytest.raises(InvalidInput):
        Job.from_frame(pandas.DataFrame(frame), name="x", folder=tmp_path)
