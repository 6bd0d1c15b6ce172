"""Every sample job and every template does what it promises, on the simulator."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import pytest

from batchgen.job import load_job
from batchgen.job_template import JobTemplate, job_templates, start_job
from batchgen.request import build_rows
from batchgen.sheet import read_sheet
from tests.batchgen_process import ProviderLog, batchgen, log_of

SAMPLES = Path(__file__).parents[2] / "sample_jobs"


@dataclass(frozen=True)
class Promise:
    """The videos of a sample (stem and seconds are checked), and what comes with each of them."""

    videos: tuple[str, ...]
    beside: tuple[str, ...] = ()
    filtered: int = 0


PROMISES = {
    "welcome": Promise(
        videos=(
            "00417-Lindqvist.mp4",
            "00418-Lefèvre.mp4",
            "01024-Conti.mp4",
            "01025-O'Neill-Rao.mp4",
            "02211-van der Berg.mp4",
        ),
        beside=(".jpg", ".srt"),
        filtered=1,
    ),
    "announcement": Promise(
        videos=("Berlin-BER-1.mp4", "Lisbon-LIS-1.mp4", "New York-NYC-2.mp4", "Tokyo-TYO-1.mp4"),
        beside=(".gif", ".jpg"),
    ),
    "local_media": Promise(videos=("anna.mp4", "ben.mp4", "chiara.mp4")),
    "multilingual": Promise(
        videos=tuple(f"news-{code}.mp4" for code in ("ar", "de", "en", "es", "fr", "he", "ja", "ko", "zh")),
        beside=(".srt",),
    ),
    "mail_merge": Promise(
        videos=("B-2041.mp4", "B-2042.mp4", "B-2043.mp4"),
        beside=(".captioned.mp4", ".gif", ".jpg", ".srt"),
    ),
    "batches": Promise(
        videos=tuple(
            f"A-{number:02}-{name}.mp4"
            for number, name in enumerate(
                ("Anna", "Bogdan", "Chiara", "Dmitri", "Emre", "Fatima", "Grace", "Hugo", "Inês", "Jun", "Kofi"),
                start=1,
            )
        )
    ),
    "legacy-route": Promise(videos=("PR-1.mp4", "VN-1.mp4", "VN-2.mp4"), beside=(".jpg",)),
    "cinematic": Promise(videos=("Rain Shell.mp4", "Trail Runner 3.mp4")),
    "provider-template": Promise(videos=("Conti Logistica.mp4", "Norrsken Bakery.mp4")),
    "scenes": Promise(videos=("Anna-M-1.mp4", "Benoît-M-2.mp4"), beside=(".srt",)),
    "transparent-webm": Promise(videos=("City Pack 20L.webm", "Rain Shell.webm", "Trail Runner 3.webm")),
}


def test_every_sample_job_is_promised_something() -> None:
    assert {folder.name for folder in SAMPLES.iterdir() if folder.is_dir()} == set(PROMISES)


@pytest.mark.parametrize("name", PROMISES)
def test_a_sample_job_builds_without_problems_or_warnings(name: str) -> None:
    job = load_job(SAMPLES / name)
    built = build_rows(job, read_sheet(job.sheet, tab=job.tab, header_row=job.header_row))
    assert built.problems == ()
    assert built.warnings == ()


@pytest.mark.parametrize("name", PROMISES)
def test_a_sample_job_gives_the_videos_that_it_promises(name: str, tmp_path: Path) -> None:
    folder, promise = _copied(name, tmp_path), PROMISES[name]
    before = _digests(folder)

    summary = _summary("run", name, "--simulate", folder=tmp_path)

    expected = {"succeeded": len(promise.videos)} | ({"filtered": promise.filtered} if promise.filtered else {})
    assert summary["counts"] == expected
    assert summary["simulated"] is True
    job = load_job(folder).in_simulator(clock_speed=1)
    stems = [Path(video).stem for video in promise.videos]
    files = {*promise.videos, *(stem + suffix for stem in stems for suffix in promise.beside)}
    assert {path.name for path in job.output.folder.iterdir()} == files
    assert {file: digest for file, digest in _digests(folder).items() if file in before} == before


@pytest.mark.parametrize("name", PROMISES)
def test_the_finished_sheet_names_each_video_and_its_true_length(name: str, tmp_path: Path) -> None:
    folder = _copied(name, tmp_path)
    _summary("run", name, "--simulate", folder=tmp_path)
    job = load_job(folder).in_simulator(clock_speed=1)

    done = [row for row in _rows(job.results, job.tab) if row["video_status"] == "succeeded"]
    assert len(done) == len(PROMISES[name].videos)
    for row in done:
        assert _seconds(folder / row["video_file"]) == pytest.approx(float(row["video_duration_s"]), abs=0.5)


def test_a_second_run_of_a_sample_has_nothing_left_to_do(tmp_path: Path) -> None:
    _copied("transparent-webm", tmp_path)
    first = _summary("run", "transparent-webm", "--simulate", "--static", folder=tmp_path)
    again = _summary("run", "transparent-webm", "--simulate", "--static", folder=tmp_path)
    assert again["counts"] == first["counts"]
    assert again["spent_usd"] == first["spent_usd"]


def test_the_mail_merge_gets_a_snippet_for_each_guest_in_which_no_cell_is_markup(tmp_path: Path) -> None:
    folder = _copied("mail_merge", tmp_path)
    _summary("run", "mail_merge", "--simulate", "--static", folder=tmp_path)
    job = load_job(folder).in_simulator(clock_speed=1)
    first, second, _ = _rows(job.results, job.tab)
    assert first["Snippet"] == (
        '<a href="videos.simulated/B-2041.captioned.mp4"><img src="videos.simulated/B-2041.gif" width="480" '
        'alt="A video for Anna, guest of Hotel &quot;Sol &amp; Mar&quot;"></a>'
    )
    assert "guest of Pension &lt;Alt&gt;" in second["Snippet"]
    assert "video_page" not in first
    assert (folder / first["Video"]).is_file()


def test_the_sample_of_batches_sends_ten_of_its_rows_in_two_creates(tmp_path: Path) -> None:
    log = _what_arrived("batches", tmp_path)
    assert log.routes["POST /v3/videos"] == 1
    assert log.routes["POST /v3/videos/batches"] == 2
    assert len(log.created) == 11


def test_the_sample_of_the_legacy_route_is_ordered_and_looked_up_there_alone(tmp_path: Path) -> None:
    log = _what_arrived("legacy-route", tmp_path)
    assert log.routes["POST /v2/video/generate"] == 3
    assert log.routes["GET /v1/video_status.get"] >= 3
    assert not [route for route in log.routes if route.startswith(("POST /v3", "GET /v3/videos/"))]


def _what_arrived(sample: str, tmp_path: Path) -> ProviderLog:
    folder = _copied(sample, tmp_path)
    _summary("run", sample, "--simulate", "--static", folder=tmp_path)
    return log_of(folder / ".batchgen" / f"{sample}.simulator")


@pytest.mark.parametrize("template", job_templates(), ids=lambda template: template.name)
def test_a_template_runs_as_it_is(template: JobTemplate, tmp_path: Path) -> None:
    start_job(template, tmp_path / "mine")
    counts = _summary("run", "mine", "--simulate", "--static", folder=tmp_path)["counts"]
    assert set(counts) <= {"succeeded", "filtered"}
    assert counts["succeeded"] >= 2


def _summary(*arguments: str, folder: Path) -> dict[str, Any]:
    ended = batchgen(*arguments, "--json", folder=folder)
    assert ended.code == 0, ended.stderr
    return ended.json


def _copied(name: str, tmp_path: Path) -> Path:
    unwanted = shutil.ignore_patterns(".batchgen", "*.simulated", "*.simulated.*")
    return shutil.copytree(SAMPLES / name, tmp_path / name, ignore=unwanted)


def _digests(folder: Path) -> dict[str, str]:
    files = (path for path in folder.iterdir() if path.is_file())
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _rows(path: Path, tab: str | None) -> list[dict[str, str]]:
    sheet = read_sheet(path, tab=tab)
    return [dict(zip(sheet.headers, row.cells, strict=True)) for row in sheet.rows]


def _seconds(video: Path) -> float:
    with av.open(str(video)) as container:
        assert container.duration is not None
        return container.duration / 1_000_000
