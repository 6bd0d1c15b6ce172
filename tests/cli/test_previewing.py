"""``batchgen preview``: storyboards and a page to proofread them; nothing is sent, the ledger is not touched."""

from __future__ import annotations

import html
import re
from pathlib import Path

import av
import pytest
from PIL import Image

from tests.batchgen_process import Ended, batchgen
from tests.cli.in_process import every_file
from tests.cli.small_job import JOB, SmallJob
from tests.media.made import picture, recording

PAUSING = JOB.replace("how are you today?", '<break time=\\"1.5s\\"/> how are you today?')


def preview(job: SmallJob, *options: object) -> Ended:
    return batchgen("preview", "job.toml", "--json", *options, folder=job.folder, env=job.env)


def page_of(job: SmallJob) -> str:
    return (job.folder / "preview" / "index.html").read_text(encoding="utf-8")


def test_each_row_gets_a_storyboard_that_plays_and_a_card_that_links_to_it(job: SmallJob) -> None:
    job.write(rows=2)
    ended = preview(job)
    assert ended.code == 0
    page = page_of(job)
    for made in ended.json["previewed"]:
        video = Path(made["video"])
        with av.open(video) as container:
            assert container.streams.video[0].codec_context.name == "h264"
        assert f'href="{video.name}"' in page
    assert [made["id"] for made in ended.json["previewed"]] == ["r1", "r2"]
    assert len(re.findall(r'<img src="[0-9a-f]{32}-thumbnail.jpg"', page)) == 2
    assert "Hello Bogdan, how are you today?" in page


def test_nothing_is_sent_and_neither_ledger_nor_sheet_is_touched(real_job: SmallJob) -> None:
    real_job.write(rows=1)
    assert real_job.run().code == 0
    before, routes = every_file(real_job.folder), dict(real_job.provider.log.routes)
    assert preview(real_job).code == 0
    after = {path: content for path, content in every_file(real_job.folder).items() if "preview" not in path.parts}
    assert after == before
    assert dict(real_job.provider.log.routes) == routes


def test_a_pause_is_shown_as_one_and_no_cell_becomes_markup(job: SmallJob) -> None:
    job.write(rows=[("r1", "<img src=x onerror=alert(1)>")], job=PAUSING)
    preview(job)
    page = page_of(job)
    assert '<span class="pause">pause 1.5 s</span>' in page
    assert "<img src=x" not in page
    assert html.escape("<img src=x onerror=alert(1)>") in page
    assert "<script" not in page


def test_the_first_twenty_rows_are_made_unless_others_are_named(job: SmallJob) -> None:
    job.write(rows=22)
    first = preview(job).json
    assert (len(first["previewed"]), first["left_out"]) == (20, 2)
    some = preview(job, "--rows", "r3,row:6").json
    assert [made["row"] for made in some["previewed"]] == [4, 6]
    assert len(list((job.folder / "preview").glob("*.mp4"))) == 2, "what is not on the page is taken away"
    assert preview(job, "--rows", "r99").code == 2
    assert preview(job, "--rows", "r1", "--all").code == 2


def test_rows_that_cannot_be_sent_are_told_and_the_others_are_made(job: SmallJob) -> None:
    job.write(rows=[("r1", "Anna"), ("r2", "x" * 5_000)])
    ended = preview(job)
    assert (ended.code, len(ended.json["previewed"])) == (2, 1)
    assert ended.json["problems"][0]["row"] == 3
    assert "5,026 characters" in page_of(job)


def test_a_warning_about_a_row_stands_on_its_card(job: SmallJob) -> None:
    job.write(rows=[("r1", "Anna"), ("r2", "Ben 🌷")])
    preview(job)
    before, _, after = page_of(job).partition('id="row-3"')
    assert "no voice can speak" in after
    assert "no voice can speak" not in before


def test_a_page_of_the_persons_own_is_not_replaced(job: SmallJob) -> None:
    job.write(rows=1)
    own = job.folder / "preview" / "index.html"
    own.parent.mkdir()
    own.write_text("mine")
    assert preview(job).code == 2
    assert own.read_text() == "mine"


# -- pictures of the person's own ---------------------------------------------------------------------------------

RED, BLUE = 250, 0  # as `picture` takes them: (250, 0, 100) and (0, 0, 100)
SPEAKS = JOB.replace('type = "avatar"\navatar_id = "Anna_public"', 'type = "image"\nvoice_id = "en_anna"')
WITH_PICTURES = SPEAKS.replace("[pacing]", 'image = "photos/{{ id }}.png"\nbackground = "wall.jpg"\n[pacing]')
MIDDLE_OF_CARD, EDGE = (105, 190), (3, 180)


def poster(job: SmallJob, at: tuple[int, int], *options: object) -> tuple[int, ...]:
    """The colour at one place of the first row's storyboard."""
    made = preview(job, "--rows", "r1", *options).json["previewed"][0]["video"]
    with Image.open(made.replace("-video.mp4", "-thumbnail.jpg")) as shown:
        colour = shown.convert("RGB").getpixel(at)
    assert isinstance(colour, tuple)
    return colour


def test_local_pictures_are_drawn_where_the_video_shows_them(job: SmallJob) -> None:
    job.write(rows=1, job=WITH_PICTURES)
    picture(job.folder / "photos" / "r1.png", color=RED, size=(40, 90))
    picture(job.folder / "wall.jpg", color=BLUE, size=(2_000, 1_500), kind="JPEG")
    assert poster(job, MIDDLE_OF_CARD) == pytest.approx((250, 0, 100), abs=12)
    assert poster(job, EDGE) == pytest.approx((0, 0, 100), abs=12)
    assert "photos/r1.png" in page_of(job)
    picture(job.folder / "photos" / "r1.png", color=BLUE)
    assert poster(job, MIDDLE_OF_CARD) == pytest.approx((0, 0, 100), abs=12), "an edited picture is drawn anew"


def test_a_picture_is_shown_as_it_is_held(job: SmallJob) -> None:
    """Cameras write which side is up into the file: here the left half of what is stored is the upper half."""
    job.write(rows=1, job=SPEAKS.replace("[pacing]", 'image = "r1.jpg"\n[pacing]'))
    lying, turned = Image.new("RGB", (80, 40), (0, 0, 100)), Image.Exif()
    lying.paste((250, 0, 100), (0, 0, 40, 40))
    turned[0x0112] = 6  # turn it a quarter clockwise
    lying.save(job.folder / "r1.jpg", exif=turned)
    left, middle = MIDDLE_OF_CARD
    assert poster(job, (left, middle - 60)) == pytest.approx((250, 0, 100), abs=12)
    assert poster(job, (left, middle + 60)) == pytest.approx((0, 0, 100), abs=12)


def test_a_scene_shows_its_own_picture(job: SmallJob) -> None:
    scenes = '[request]\ntype = "studio"\n[[request.scenes]]\nsource = "slide.png"\nduration = 4\n[pacing]'
    job.write(rows=1, job=JOB[: JOB.index("[request]")] + scenes + JOB.partition("[pacing]")[2])
    picture(job.folder / "slide.png", color=RED)
    assert poster(job, MIDDLE_OF_CARD) == pytest.approx((250, 0, 100), abs=12)


def test_a_local_recording_is_named_and_not_its_digest(job: SmallJob) -> None:
    spoken = JOB.replace('script = "Hello {{ name }}, how are you today?"', 'audio_asset_id = "voice/hi.wav"')
    recording(job.write(rows=1, job=spoken).folder / "voice" / "hi.wav", seconds=2)
    assert preview(job).code == 0
    assert "voice/hi.wav" in page_of(job)
    assert "sha256:" not in page_of(job)
