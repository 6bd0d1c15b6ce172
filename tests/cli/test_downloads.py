"""Everything that comes back for a video: fetched, named side by side, audited, and whole after a kill."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from tests.batchgen_process import Batchgen
from tests.cli.small_job import JOB, SmallJob

ALL = """
[output]
download = ["video", "captioned_video", "subtitles", "thumbnail", "gif"]
[output.columns]
video_captioned_file = true
video_subtitles_file = true
video_thumbnail_file = true
video_gif_file = true
video_title = true
video_html = true
"""
CAPTIONED = JOB.replace("[pacing]", '[request.caption]\nstyle = "default"\n[pacing]') + ALL
SUFFIXES = (".captioned.mp4", ".gif", ".jpg", ".mp4", ".srt")
FILE_COLUMNS = (
    "video_file",
    "video_captioned_file",
    "video_subtitles_file",
    "video_thumbnail_file",
    "video_gif_file",
)


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_every_kind_of_file_lies_beside_its_video_and_the_sheet_names_each(job: SmallJob) -> None:
    job.write(rows=2, job=CAPTIONED)
    assert job.simulate().code == 0
    assert names(job.folder / "videos.simulated") == sorted(f"r{n}{suffix}" for n in (1, 2) for suffix in SUFFIXES)
    for row in job.simulated_results:
        assert all((job.folder / row[column]).is_file() for column in FILE_COLUMNS)
        assert (row["video_title"], row["video_note"]) == (f"For {row['id']}", "")
        stem = f"videos.simulated/{row['id']}"
        assert row["video_html"] == f'<a href="{stem}.mp4"><img src="{stem}.gif" alt="For {row["id"]}"></a>'


def test_an_audit_fetches_every_kind_again(job: SmallJob) -> None:
    job.write(rows=1, job=CAPTIONED)
    job.simulate()
    videos = job.folder / "videos.simulated"
    for file in list(videos.iterdir()):
        file.unlink()
    ended = job.ask("audit")
    assert (ended.code, len(ended.json["findings"])) == (0, 5)
    assert names(videos) == sorted(f"r1{suffix}" for suffix in SUFFIXES)


def test_without_captions_there_is_no_captioned_video_and_the_row_says_so_and_is_done(job: SmallJob) -> None:
    job.write(rows=1, job=JOB + ALL)
    ended = job.simulate()
    assert (ended.code, ended.json["counts"]) == (0, {"succeeded": 1})
    (row,) = job.simulated_results
    assert row["video_note"] == "not available: captioned_video (the provider gave none)"
    assert (row["video_captioned_file"], row["video_gif_file"]) == ("", "videos.simulated/r1.gif")
    assert "no captioned_video" in str(job.plan("--json", "--offline").json["warnings"])


@pytest.mark.parametrize("nth", [1, 2, 3, 4, 5])
def test_killed_in_the_middle_of_any_file_the_next_run_has_all_of_them_whole(real_job: SmallJob, nth: int) -> None:
    job = real_job.write(rows=1, job=CAPTIONED)
    fault = {"on": "download", "nth": nth, "action": "truncate", "bytes": 40, "then": "kill_client"}
    job.provider.set_faults(fault)
    with Batchgen("run", "job.toml", "--yes", folder=job.folder, env=job.env) as run:
        job.provider.will_kill(run)
        assert run.wait().code == -9
    job.provider.set_faults()
    assert job.run().code == 0
    assert names(job.folder / "videos") == sorted(f"r1{suffix}" for suffix in SUFFIXES)
    assert len(job.provider.log.created) == 1
    with contextlib.chdir(job.folder):
        assert all(Path(job.results[0][column]).stat().st_size > 40 for column in FILE_COLUMNS)


def test_the_rows_with_their_videos_go_into_a_file_with_the_columns_of_the_job(job: SmallJob) -> None:
    job.write(rows=1, job=CAPTIONED.replace("video_title = true", "video_title = true\nvideo_cost_usd = false"))
    job.simulate()
    target = job.folder / "done.csv"
    assert job.tell("report", "--succeeded", target).code == 0
    header, line = target.read_text(encoding="utf-8-sig").splitlines()
    assert header == (
        "id,name,video file,video seconds,video id,video page,video_title,video_captioned_file,video_subtitles_file,"
        "video_thumbnail_file,video_gif_file,video_html,video finished at"
    )
    assert str(job.folder / "videos.simulated" / "r1.gif") in line
