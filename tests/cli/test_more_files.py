"""A kind of file added to ``[output] download`` is fetched for rows that have succeeded already; nothing is paid."""

from __future__ import annotations

import contextlib
import sqlite3

from tests.cli.small_job import JOB, SmallJob

MORE = """
[output]
download = ["video", "subtitles", "gif"]
[output.columns]
video_subtitles_file = true
video_gif_file = true
"""
NO_CAPTIONS = '[output]\ndownload = ["video", "captioned_video"]\n'
FORGETS = {"on": "statuses", "action": "unknown_video"}
WRONG_KEY = {"on": "statuses", "action": "unauthorized"}
AWAY = {"on": "statuses", "action": "unavailable"}
NO_FILES = {"on": "download", "action": "empty"}


def done_without_extras(job: SmallJob, rows: int = 2) -> SmallJob:
    assert job.write(rows=rows).run().code == 0
    return job


def names(job: SmallJob) -> list[str]:
    return sorted(file.name for file in (job.folder / "videos").iterdir())


def asked(job: SmallJob) -> int:
    """How often the provider was asked for a video, or how videos stand."""
    return sum(count for route, count in job.provider.log.routes.items() if "GET" in route and "/v3/videos" in route)


def test_a_kind_that_is_added_later_comes_with_the_next_run_and_costs_nothing(real_job: SmallJob) -> None:
    job = done_without_extras(real_job)
    spent = job.status().json["money"]
    job.write(rows=2, job=JOB + MORE)
    ended = job.run()
    assert (ended.code, ended.json["counts"], ended.json["money"]) == (0, {"succeeded": 2}, spent)
    assert names(job) == ["r1.gif", "r1.mp4", "r1.srt", "r2.gif", "r2.mp4", "r2.srt"]
    assert [(row["video_subtitles_file"], row["video_gif_file"], row["video_note"]) for row in job.results] == [
        (f"videos/{row}.srt", f"videos/{row}.gif", "") for row in ("r1", "r2")
    ]
    assert len(job.provider.log.created) == 2


def test_when_everything_is_there_nobody_is_asked_again(real_job: SmallJob) -> None:
    job = done_without_extras(real_job)
    job.write(rows=2, job=JOB + MORE).run()
    before = job.provider.log.routes
    assert job.run().code == 0
    assert job.provider.log.routes == before


def test_an_edited_row_gets_the_files_of_the_video_that_it_has(real_job: SmallJob) -> None:
    job = done_without_extras(real_job)
    job.edit({"Bogdan": "Boris"})
    job.job_file.write_text(JOB + MORE, encoding="utf-8")
    assert job.run().code == 0
    assert "r1.gif" in names(job)


def test_a_video_that_the_provider_no_longer_has_is_told_and_the_row_stays_succeeded(real_job: SmallJob) -> None:
    job = done_without_extras(real_job)
    job.provider.set_faults(FORGETS)
    ended = job.write(rows=2, job=JOB + MORE).run()
    assert (ended.code, ended.json["counts"]) == (0, {"succeeded": 2})
    gone = "the provider no longer has the video"
    assert job.results[0]["video_note"] == f"not available: subtitles ({gone}), gif ({gone})"
    job.provider.set_faults()
    assert job.run().code == 0
    assert (job.results[0]["video_note"], job.results[0]["video_gif_file"]) == ("", "videos/r1.gif")


def test_what_the_provider_never_made_is_told_without_asking(real_job: SmallJob) -> None:
    job = done_without_extras(real_job)
    before = asked(job)
    assert job.write(rows=2, job=JOB + NO_CAPTIONS).run().code == 0
    assert job.results[1]["video_note"] == "not available: captioned_video (the provider gave none)"
    assert asked(job) == before


def test_a_file_that_could_not_be_fetched_is_tried_again_by_the_next_run(real_job: SmallJob) -> None:
    job = real_job.write(rows=1, job=JOB + '[output]\ndownload = ["video", "gif"]\n')
    job.provider.set_faults(NO_FILES | {"nth": [1, 2, 3]})
    assert job.run().code == 0
    assert job.results[0]["video_note"].startswith("not available: gif (")
    assert job.run().code == 0
    assert (names(job), job.results[0]["video_note"]) == (["r1.gif", "r1.mp4"], "")


def test_a_file_of_the_users_own_keeps_its_name(real_job: SmallJob) -> None:
    job = done_without_extras(real_job, rows=1)
    own = job.folder / "videos" / "r1.gif"
    own.write_bytes(b"mine")
    assert job.write(rows=1, job=JOB + MORE).run().code == 0
    assert (own.read_bytes(), job.results[0]["video_gif_file"]) == (b"mine", "videos/r1-2.gif")


def test_a_provider_that_cannot_be_asked_leaves_the_files_to_the_next_run(real_job: SmallJob) -> None:
    job = done_without_extras(real_job)
    job.provider.set_faults(AWAY)
    ended = job.write(rows=2, job=JOB + MORE).run()
    assert (ended.code, ended.json["next"]) == (4, "batchgen run job.toml")
    assert "2 rows still lack files: the provider could not be asked" in str(ended.json["problems"])
    job.provider.set_faults()
    assert (job.run().code, len(names(job))) == (0, 6)


def test_a_key_that_may_not_read_stops_the_run(real_job: SmallJob) -> None:
    job = done_without_extras(real_job)
    job.provider.set_faults(WRONG_KEY)
    ended = job.write(rows=2, job=JOB + MORE).run()
    assert (ended.code, ended.json["counts"]) == (5, {"succeeded": 2})


def test_two_rows_of_one_video_both_get_its_files(real_job: SmallJob) -> None:
    """However that came about: the run comes to its end."""
    job = done_without_extras(real_job)
    with contextlib.closing(sqlite3.connect(job.state_folder / "hello.db")) as ledger, ledger:
        ledger.execute("UPDATE entries SET video_id = (SELECT min(video_id) FROM entries)")
    ended = job.write(rows=2, job=JOB + MORE).run("--time-limit", "20s")
    assert (ended.code, ended.json["counts"]) == (0, {"succeeded": 2})
    assert {"r1.gif", "r2.gif"} <= set(names(job))
