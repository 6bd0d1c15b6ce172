"""A row's story as a person reads it: fields by their names, files by their paths, what happened in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from batchgen.cli.event_words import EVENT_WORDS, event_in_words
from batchgen.cli.request_lines import request_lines
from batchgen.ledger import Event
from tests.cli.small_job import FAILS, JOB, NEVER_ARRIVES, SmallJob
from tests.media.made import picture, recording

DIGEST = "3dcc616e" + "0" * 56
SPOKEN_PICTURE = JOB.replace(
    'type = "avatar"\navatar_id = "Anna_public"', 'type = "image"\nimage = "anna.png"'
).replace("script =", 'audio = "hello.wav"\n# script =')


@pytest.fixture
def job(tmp_path: Path) -> SmallJob:
    return SmallJob(tmp_path / "job")


@pytest.mark.parametrize(
    ("asked", "lines"),
    [
        ({"script": "Hi\n  Anna.", "type": "avatar"}, ["type: avatar", "script: Hi Anna."]),
        ({"engine": {"type": "avatar_iii"}, "caption": True}, ["caption: true", "engine: avatar_iii"]),
        ({"voice_settings": {"speed": 1.1, "locale": "de-DE"}},
         ["voice_settings.speed: 1.1", "voice_settings.locale: de-DE"]),
        ({"background": {"type": "color", "value": "#e8eef7"}}, ["background: #e8eef7"]),
        ({"image": {"type": "url", "url": "https://a.example/b.png"}}, ["image: https://a.example/b.png"]),
        ({"image": {"type": "asset_id", "asset_id": "as_1"}}, ["image: as_1"]),
        ({"image": {"type": "asset_id", "asset_id": f"sha256:{DIGEST}"}}, ["image: photos/anna.png"]),
        ({"audio_asset_id": f"sha256:{'1' * 64}"}, ["audio: file sha256 11111111…"]),
        ({"avatar_id": ["look_1", "look_2"]}, ["avatar_id: look_1, look_2"]),
        ({"variables": {"name": {"type": "text", "content": "Anna"},
                        "logo": {"type": "image", "asset": {"type": "url", "url": "https://a.example/l.png"}}}},
         ["variables.name: Anna", "variables.logo: https://a.example/l.png"]),
        ({"scenes": [{"type": "avatar_video", "input": {"type": "avatar", "avatar_id": "a", "script": "Hi."}},
                     {"type": "image", "source": {"type": "asset_id", "asset_id": "as_1"}}]},
         ["scenes.1.type: avatar_video", "scenes.1.avatar_id: a", "scenes.1.script: Hi.",
          "scenes.2.type: image", "scenes.2.source: as_1"]),
    ],
)  # fmt: skip
def test_a_request_reads_as_a_person_would_write_it(asked: dict[str, Any], lines: list[str]) -> None:
    assert list(request_lines(asked, {DIGEST: "photos/anna.png"})) == lines


def test_every_event_has_words() -> None:
    assert EVENT_WORDS.keys() == set(Event)


def test_what_happened_is_told_with_its_details() -> None:
    assert event_in_words("render_finished", {"duration_s": 12.5}) == "the video is finished: 12.5 s long"
    assert event_in_words("artifact_stored", {"cost_microusd": 77000, "files": ["a.mp4", "a.srt"]}) == (
        "the video is here: cost $0.08, a.mp4, a.srt"
    )
    assert event_in_words("superseded", {"was": "a" * 64, "is": "b" * 64}) == (
        "edited in the sheet: was aaaaaaaaaaaa…, is bbbbbbbbbbbb…"
    )


def test_local_files_are_named_by_their_paths_while_the_sheet_can_be_read(job: SmallJob) -> None:
    job.write(rows=1, job=SPOKEN_PICTURE)
    picture(job.folder / "anna.png")
    recording(job.folder / "hello.wav", seconds=3.0)
    assert job.simulate().code == 0
    told = job.tell("explain", "r1").stdout.splitlines()
    assert "    image: anna.png" in told
    assert "    audio: hello.wav" in told
    job.sheet.write_text("", encoding="utf-8")
    told = job.tell("explain", "r1").stdout.splitlines()
    assert any(line.startswith("    audio: file sha256 ") for line in told)


def test_no_line_is_wider_than_a_terminal_and_no_name_of_ours_stands_in_it(job: SmallJob) -> None:
    job.write(rows=2, job=JOB.replace("how are you", "how are you" + " and all of yours" * 10))
    assert job.simulate(faults=[FAILS]).code == 3
    told = job.tell("explain", "r2").stdout
    assert max(map(len, told.splitlines())) <= 80
    assert not [event for event in Event if "_" in event and event in told]
    assert "    money: nothing spent, of $" in told
    assert "the render failed: content_policy_violation" in " ".join(told.split())


def test_a_row_in_doubt_is_told_with_what_is_reserved_for_it(job: SmallJob) -> None:
    job.in_doubt_for_days(NEVER_ARRIVES)
    told = job.tell("explain", "r2").stdout
    assert told.startswith("Row 3 (id r2): in doubt\n")
    assert "    video: unknown at simulator\n" in told
    assert " reserved\n" in told
    assert "in doubt, the answer is unknown: " in told
