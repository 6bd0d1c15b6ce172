"""Pictures and recordings from this computer: uploaded once, named by their content, and never in the way of others."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from batchgen.runner.upload import ROUNDS
from batchgen.video_api.uploading import UPLOAD_TRIES
from tests.batchgen_process import ProviderProcess, batchgen
from tests.cli.small_job import SmallJob
from tests.media.made import large_picture, picture, recording

JOB = """
name = "faces"
sheet = "people.csv"
id = "id"
{top}
[request]
type = "image"
image = "photos/{{{{ name }}}}.png"
voice_id = "en_anna"
title = "For {{{{ id }}}}"
script = "Hello {{{{ id }}}}, how are you today?"
{request}
[pacing]
poll_every_s = 0.05
poll_slowest_s = 0.05
requests_per_s = 500
concurrency = 100
{more}
"""


def job_text(*, top: str = "", request: str = "", more: str = "") -> str:
    return JOB.format(top=top, request=request, more=more)


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[ProviderProcess]:
    with ProviderProcess(tmp_path / "provider", options=["--concurrency", 1000]) as running:
        yield running


@pytest.fixture
def job(tmp_path: Path, provider: ProviderProcess) -> SmallJob:
    return SmallJob(tmp_path / "job", own_provider=provider)


def with_photos(job: SmallJob, *, rows: int, photos: int, text: str = "") -> SmallJob:
    """Rows that share so many photos, each of another colour."""
    people = [(f"r{number}", f"face{number % photos}") for number in range(1, rows + 1)]
    job.write(rows=people, job=text or job_text())
    for number in range(photos):
        picture(job.folder / "photos" / f"face{number}.png", color=number)
    return job


def uploads(job: SmallJob, kind: str = "asset") -> list[Mapping[str, Any]]:
    return [call for call in job.provider.log.facts["uploads"] if call["kind"] == kind]


def test_two_hundred_rows_that_share_ten_photos_upload_ten_and_a_second_run_none(job: SmallJob) -> None:
    with_photos(job, rows=200, photos=10)
    planned = job.plan("--json").json
    assert planned["uploads"] == {"files": 10, "bytes": sum(map(_size, (job.folder / "photos").iterdir()))}

    assert job.run().json["counts"] == {"succeeded": 200}
    sent = uploads(job)
    assert len(sent) == 10
    assert {call["sha256"] for call in sent} == {_digest(path) for path in (job.folder / "photos").iterdir()}
    assert len(job.provider.log.created) == 200

    assert job.plan("--json").json["uploads"] == {"files": 0, "bytes": 0}
    assert job.run().json["counts"] == {"succeeded": 200}
    assert len(uploads(job)) == 10


def test_an_edited_photo_makes_its_rows_changed(job: SmallJob) -> None:
    with_photos(job, rows=4, photos=2)
    assert job.run().code == 0
    picture(job.folder / "photos" / "face0.png", color=77, size=(9, 9))
    assert job.plan("--json").json["counts"] == {"changed": 2, "done": 2}
    assert job.run("--rerender", "changed").code == 0
    assert len(uploads(job)) == 3
    assert len(job.provider.log.created) == 6


def test_a_photo_under_another_name_or_in_another_folder_is_the_same(job: SmallJob) -> None:
    with_photos(job, rows=2, photos=1)
    assert job.run().code == 0
    (job.folder / "photos" / "face0.png").rename(job.folder / "photos" / "moved.png")
    job.edit({"face0": "moved"})
    assert job.plan("--json").json["counts"] == {"done": 2}


def test_jobs_of_one_ledger_share_what_was_uploaded(job: SmallJob) -> None:
    with_photos(job, rows=2, photos=1, text=job_text(top='ledger = "sqlite:///shared.db"'))
    other = (job.folder / "job.toml").read_text().replace('name = "faces"', 'name = "others"')
    (job.folder / "other.toml").write_text(other.replace("Hello", "Good morning"), encoding="utf-8")
    assert job.run().code == 0
    job.sheet.write_text("id,name\nr1,face0\nr2,face0\n", encoding="utf-8")
    assert batchgen("run", "other.toml", "--yes", folder=job.folder, env=job.env).code == 0
    assert len(uploads(job)) == 1
    assert len(job.provider.log.created) == 4


def test_a_large_file_goes_directly_to_its_place_without_the_key(job: SmallJob) -> None:
    with_photos(job, rows=2, photos=1)
    large_picture(job.folder / "photos" / "face0.png", size_bytes=33_000_000)
    assert job.run().code == 0
    assert [len(uploads(job, kind)) for kind in ("asset", "upload", "put", "complete")] == [0, 1, 1, 1]
    (put,) = uploads(job, "put")
    assert put["sha256"] == _digest(job.folder / "photos" / "face0.png")
    assert put["api_key_sent"] is False


@pytest.mark.parametrize(
    "fault",
    [
        {"on": "asset", "action": "drop", "times": 1},
        {"on": "asset", "action": "cut", "bytes": 10, "times": 1},
        {"on": "asset", "action": "headers_then_drop", "times": 1},
        {"on": "asset", "action": "bad_gateway", "times": 2},
        {"on": "asset", "action": "rate_limit", "retry_after_s": 0.1, "times": 1},
        {"on": "asset", "action": "empty_200", "times": 1},
        {"on": "asset", "action": "respond", "status": 520, "body": "html", "times": 1},
        {"on": "asset", "action": "respond", "status": 403, "body": "html", "times": 1},
    ],
    ids=lambda fault: f"{fault['action']} {fault.get('status', '')}".strip(),
)
def test_an_upload_that_goes_wrong_is_made_again(job: SmallJob, fault: dict[str, Any]) -> None:
    with_photos(job, rows=2, photos=1)
    job.provider.set_faults(fault)
    assert job.run().code == 0
    whole = [call for call in uploads(job) if call["status"] == 200]
    assert len({call["asset_id"] for call in whole}) == 1
    assert len(job.provider.log.created) == 2


@pytest.mark.parametrize(
    "fault",
    [
        {"on": "put", "action": "cut", "bytes": 1_000_000, "times": 1},
        {"on": "put", "action": "expired", "times": 1},
        {"on": "put", "action": "server_error", "times": 1},
        {"on": "upload", "action": "headers_then_drop", "times": 1},
        {"on": "complete", "action": "headers_then_drop", "times": 1},
        {"on": "complete", "action": "not_found", "code": "asset_not_found", "times": 1},
    ],
    ids=lambda fault: f"{fault['on']} {fault['action']}",
)
def test_a_direct_upload_that_goes_wrong_is_made_again(job: SmallJob, fault: dict[str, Any]) -> None:
    with_photos(job, rows=1, photos=1)
    large_picture(job.folder / "photos" / "face0.png", size_bytes=33_000_000)
    job.provider.set_faults(fault)
    assert job.run().code == 0
    assert len(job.provider.log.created) == 1


AWAY = {"on": "asset", "action": "unavailable"}
TRIES = ROUNDS * UPLOAD_TRIES


def test_the_cap_ends_a_run_although_a_row_that_would_fit_waits_for_a_file_that_was_given_up(job: SmallJob) -> None:
    long_story = "{% if id == 'long' %}" + 150 * "and so on " + "{% endif %}"
    text = job_text().replace("Hello {{ id }}, how", f"{long_story}Hello, how")
    with_photos(job, rows=1, photos=2, text=text)
    assert job.simulate(clock_speed=2000).code == 0
    job.write(rows=[("r1", "face1"), ("r2", "face0"), ("long", "face1")], job=text)
    ended = job.simulate("--max-usd", "1", "--time-limit", "60s", faults=[AWAY], clock_speed=2000)
    assert (ended.code, ended.json["counts"]) == (5, {"succeeded": 1, "pending": 2})


def test_a_row_that_was_given_up_stays_so_when_an_order_for_it_is_refused(job: SmallJob) -> None:
    """Else it would be neither sent nor left to the next run, and this one would never end."""
    with_photos(job, rows=2, photos=2)
    provider = job.provider
    provider.run_at(0.001)
    provider.set_faults({"on": "asset", "action": "answer", "nth": 1}, AWAY)
    with job.start("--json") as run:
        run.wait_until(lambda: provider.log.routes.get("POST /v3/assets", 0) == 1 + TRIES)
        assert batchgen("retry", "job.toml", "r1", "r2", folder=job.folder, env=job.env).code == 0
        run.wait_until(lambda: len(outcomes(job)) == 2)
        provider.run_at(200)
        provider.advance(3600)
        ended = run.wait()
    assert (ended.code, ended.json["counts"]) == (4, {"succeeded": 1, "pending": 1})
    assert "could not be uploaded" in str(ended.json["problems"])
    assert provider.log.routes["POST /v3/assets"] == 1 + TRIES, "an order that is refused tries nothing again"


def outcomes(job: SmallJob) -> list[str]:
    """What became of the orders that people gave."""
    with contextlib.closing(sqlite3.connect(job.state_folder / "faces.db")) as ledger:
        return [each for (each,) in ledger.execute("SELECT outcome FROM wishes WHERE outcome IS NOT NULL")]


def test_a_refused_file_fails_its_own_rows_only(job: SmallJob) -> None:
    with_photos(job, rows=4, photos=2)
    job.provider.set_faults({"on": "asset", "action": "refuse_type", "nth": 1})
    ended = job.run()
    assert (ended.code, ended.json["counts"]) == (3, {"failed": 2, "succeeded": 2})
    notes = {row["video_note"] for row in job.results if row["video_status"] == "failed"}
    assert len(notes) == 1
    assert "was refused (invalid_parameter: This type of file is not supported.)" in notes.pop()
    assert len(job.provider.log.sends) == 2


def test_a_row_of_which_two_files_are_refused_fails_once_and_the_run_goes_on(job: SmallJob) -> None:
    with_photos(job, rows=4, photos=4, text=job_text(request='background = "photos/wall-{{ name }}.png"'))
    for number in range(4):
        picture(job.folder / "photos" / f"wall-face{number}.png", color=100 + number)
    job.provider.set_faults({"on": "asset", "action": "refuse_type"})
    ended = job.run()
    assert (ended.code, ended.json["counts"]) == (3, {"failed": 4})
    assert job.provider.log.sends == []


def test_an_account_without_credit_under_status_200_stops_the_uploads(job: SmallJob) -> None:
    with_photos(job, rows=2, photos=2)
    job.provider.set_faults({"on": "asset", "action": "error_in_200", "code": "insufficient_credit"})
    ended = job.run()
    assert (ended.code, ended.json["counts"]) == (5, {"pending": 2})


def test_a_wrong_key_stops_at_the_first_uploads(job: SmallJob) -> None:
    with_photos(job, rows=8, photos=8)
    job.provider.set_faults({"on": "asset", "action": "unauthorized"})
    assert job.run().code == 5
    assert job.provider.log.sends == []
    job.provider.set_faults()
    assert job.run().code == 0
    assert len(job.provider.log.created) == 8


def test_a_photo_that_the_provider_forgot_is_uploaded_again_and_no_row_pays_for_it(job: SmallJob) -> None:
    with_photos(job, rows=1, photos=1)
    job.provider.set_faults({"on": "create", "action": "expire_assets", "nth": 1})
    ended = job.run()
    assert (ended.code, ended.json["counts"]) == (0, {"succeeded": 1})
    assert len(uploads(job)) == 2
    assert [call["status"] for call in job.provider.log.sends] == [404, 200]
    first, second = job.provider.log.sends
    assert first["key"] != second["key"]
    assert Counter(job.provider.log.titles) == {"For r1": 1}


def test_a_photo_that_is_forgotten_again_and_again_fails_the_row_in_the_end(job: SmallJob) -> None:
    with_photos(job, rows=1, photos=1)
    job.provider.set_faults({"on": "create", "action": "expire_assets"})
    ended = job.run()
    assert (ended.code, ended.json["counts"]) == (3, {"failed": 1})
    assert [call["status"] for call in job.provider.log.sends] == [404, 404, 404]
    assert "asset_not_found" in job.results[0]["video_note"]


def test_an_asset_id_that_somebody_typed_is_not_uploaded_again(job: SmallJob) -> None:
    with_photos(job, rows=1, photos=1, text=job_text(request='background = "missing-asset"'))
    ended = job.run()
    assert (ended.code, ended.json["counts"]) == (3, {"failed": 1})
    assert len(job.provider.log.sends) == 1
    assert len(uploads(job)) == 1


def test_a_deferred_row_whose_photo_expired_meanwhile_gets_a_new_attempt(job: SmallJob) -> None:
    with_photos(job, rows=1, photos=1)
    job.provider.set_faults(
        {"on": "create", "action": "rate_limit", "retry_after_s": 0.2, "nth": 1},
        {"on": "create", "action": "expire_assets", "nth": 2},
    )
    assert job.run().code == 0
    keys = [call["key"] for call in job.provider.log.sends]
    assert keys[0] == keys[1] != keys[2]
    assert len(uploads(job)) == 2


@pytest.mark.parametrize("put_back", [False, True], ids=["it stays so", "it is put back"])
def test_a_photo_edited_between_plan_and_upload_makes_its_row_wait(job: SmallJob, put_back: bool) -> None:
    """The upload is held back by the provider; meanwhile somebody saves the picture anew."""
    with_photos(job, rows=1, photos=1)
    job.provider.set_faults({"on": "asset", "action": "unavailable", "times": 3})
    with job.start() as run:
        run.wait_until(lambda: job.provider.log.routes.get("POST /v3/assets", 0) >= 1)
        picture(job.folder / "photos" / "face0.png", color=99, size=(9, 9))
        ended = run.wait()
    assert ended.code == 4
    assert "face0.png was changed after the rows were read; nothing was sent" in ended.stdout
    assert job.provider.log.sends == []
    assert [call for call in uploads(job) if call["status"] == 200] == []
    if put_back:
        picture(job.folder / "photos" / "face0.png", color=0)
    assert job.run().code == 0
    assert len(job.provider.log.created) == 1


def test_everything_wrong_with_the_files_is_told_before_anything_is_sent(job: SmallJob) -> None:
    with_photos(job, rows=4, photos=4, text=job_text(request='background = "../wall.png"'))
    picture(job.folder / "photos" / "face1.png", kind="GIF")
    (job.folder / "photos" / "face2.png").unlink()
    picture(job.folder / "photos" / "face3.png", size=(3000, 10))
    ended = job.run()
    assert ended.code == 2
    told = {(problem["row"], problem["column"]): problem["message"] for problem in ended.json["problems"]}
    assert "leads out of the job's folder" in told[None, None]
    assert "it holds GIF" in told[2, "name"]
    assert "There is no file" in told[3, "name"]
    assert "3,000 × 10 pixels" in told[4, "name"]
    assert job.provider.log.routes == {}


def test_a_cell_may_hold_a_link_an_asset_id_or_a_recording_of_ones_own(job: SmallJob) -> None:
    text = job_text().replace('script = "Hello {{ id }}, how are you today?"', "").replace('voice_id = "en_anna"', "")
    with_photos(job, rows=1, photos=1, text=text)
    recording(job.folder / "voice" / "hello.wav")
    job.sheet.write_text(
        "id,name,audio\nr1,face0,voice/hello.wav\nr2,face0,https://example.com/a.mp3\nr3,face0,as_1\n", encoding="utf-8"
    )
    ended = job.run()
    assert ended.json["counts"] == {"succeeded": 3}
    assert len(uploads(job)) == 2


def test_killed_while_it_uploads_the_next_run_goes_on(job: SmallJob) -> None:
    with_photos(job, rows=6, photos=6)
    job.provider.set_faults({"on": "asset", "action": "delay", "nth": 3})
    with job.start() as run:
        run.wait_until(lambda: len(uploads(job)) >= 2)
        run.kill()
    job.provider.release()
    job.provider.set_faults()
    assert job.run().code == 0
    made = {call["asset_id"] for call in uploads(job)}
    assert len(made) == 6
    assert len(job.provider.log.created) == 6


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _size(path: Path) -> int:
    return path.stat().st_size


def test_a_plan_names_local_files_by_their_paths(job: SmallJob, tmp_path: Path) -> None:
    elsewhere = picture(tmp_path / "shared" / "wall.png", color=77)
    text = job_text(request=f'background = "{elsewhere}"', more='[media]\nroots = ["../shared"]')
    with_photos(job, rows=2, photos=2, text=text)
    shown = job.plan("--row", "r1", "--json").json
    assert shown["body"]["image"] == {"type": "asset_id", "asset_id": "photos/face1.png"}
    assert shown["body"]["background"]["asset_id"] == str(elsewhere)
    assert shown["files"] == [str(elsewhere), "photos/face1.png"]
    assert f"asset ids then stand in their places: {elsewhere}, photos/face1.png" in job.plan("--row", "r1").stderr
    table = job.plan("--offline", "--all").stdout
    assert "photos/face0.png" in table
    assert "sha256" not in table


def test_a_simulated_run_of_a_recording_costs_no_more_than_was_reserved_for_it(job: SmallJob) -> None:
    text = job_text().replace('script = "Hello {{ id }}, how are you today?"', "").replace('voice_id = "en_anna"', "")
    with_photos(job, rows=1, photos=1, text=text)
    recording(job.folder / "voice" / "hello.wav", seconds=30.0)
    job.sheet.write_text("id,name,audio\nr1,face0,voice/hello.wav\n", encoding="utf-8")
    assert batchgen("run", ".", "--simulate", "--static", folder=job.folder, env=job.env).code == 0
    (result,) = job.simulated_results
    assert float(result["video_duration_s"]) == 30
    (attempt,) = batchgen("explain", ".", "r1", "--simulate", "--json", folder=job.folder).json["entries"][0][
        "attempts"
    ]
    assert 0 < attempt["settled_microusd"] <= attempt["reserved_microusd"]
