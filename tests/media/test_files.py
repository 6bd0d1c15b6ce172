"""Local files: told by their content, measured, and never from outside of the folders that are allowed."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from batchgen.errors import MediaRefused
from batchgen.media import PICTURE, RECORDING, ContentType, LocalFile, MediaFolders, Use, looks_like_path
from batchgen.media.content import content_type
from tests.media.made import large_picture, picture, recording


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    job = tmp_path / "job"
    job.mkdir()
    return job


def taken(folder: Path, text: str, use: Use = PICTURE, *roots: Path) -> LocalFile:
    return MediaFolders(folder=folder, roots=roots).file(text, use)


def refused(folder: Path, text: str, use: Use = PICTURE, *roots: Path) -> str:
    with pytest.raises(MediaRefused) as refusal:
        taken(folder, text, use, *roots)
    assert refusal.value.hint
    return str(refusal.value)


@pytest.mark.parametrize(
    "text", ["photos/anna.jpg", "anna.PNG", "..\\voice\\a.wav", "/srv/a", "C:\\a.png", "my photo.jpeg", "a.mp3"]
)
def test_what_looks_like_a_path(text: str) -> None:
    assert looks_like_path(text)


@pytest.mark.parametrize("text", ["as1", "upl_0f3a", "asset-v1.2", "png", "Anna_public", "3f2a.b"])
def test_what_is_rather_an_asset_id(text: str) -> None:
    assert not looks_like_path(text)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n", ContentType.PNG),
        (b"\xff\xd8\xff\xe0", ContentType.JPEG),
        (b"RIFF\0\0\0\0WAVEfmt ", ContentType.WAV),
        (b"RIFF\0\0\0\0WEBPVP8 ", ContentType.WEBP),
        (b"ID3\x04", ContentType.MP3),
        (b"\xff\xfb\x90\x00", ContentType.MP3),
        (b"\xff\xf1\x50\x80", ContentType.AAC),
        (b"\0\0\0\x20ftypisom", ContentType.MP4),
        (b"\0\0\0\x20ftypqt  ", ContentType.MOV),
        (b"\0\0\0\x20ftypheic", ContentType.HEIC),
        (b"\0\0\0\x20ftypM4A ", ContentType.M4A),
        (b"\x1a\x45\xdf\xa3", ContentType.WEBM),
        (b"  <!DOCTYPE html>", ContentType.HTML),
        (b"<svg xmlns=", ContentType.SVG),
        (b"hello", ContentType.UNKNOWN),
        (b"", ContentType.UNKNOWN),
    ],
)
def test_a_file_is_what_its_first_bytes_say(head: bytes, kind: ContentType) -> None:
    assert content_type(head) is kind


def test_a_picture_is_taken_by_its_content_whatever_it_is_called(folder: Path) -> None:
    path = picture(folder / "photos" / "anna.jpg", kind="PNG")
    file = taken(folder, "photos/anna.jpg")
    assert file.content_type is ContentType.PNG
    assert file.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert file.size_bytes == path.stat().st_size
    assert taken(folder, "photos\\anna.jpg") == file


def test_a_recording_says_how_long_it_is(folder: Path) -> None:
    recording(folder / "a.wav", seconds=1.5)
    assert taken(folder, "a.wav", RECORDING).seconds == pytest.approx(1.5, abs=0.01)


def test_a_file_of_the_wrong_kind_is_told_by_what_it_holds(folder: Path) -> None:
    picture(folder / "anna.jpg", kind="WEBP")
    assert refused(folder, "anna.jpg") == '"anna.jpg" is no PNG or JPEG: it holds WebP. Save it as PNG or JPEG.'
    picture(folder / "anna.wav")
    assert "is no MP3 or WAV: it holds PNG" in refused(folder, "anna.wav", RECORDING)
    (folder / "page.png").write_text("<html></html>")
    assert "it holds a web page" in refused(folder, "page.png")


def test_pictures_have_bounds(folder: Path) -> None:
    picture(folder / "edge.png", size=(2048, 4))
    assert taken(folder, "edge.png")
    picture(folder / "wide.png", size=(2049, 4))
    assert "2,049 × 4 pixels; 2,048 are the most" in refused(folder, "wide.png")
    large_picture(folder / "large.png", size_bytes=50_000_000)
    assert taken(folder, "large.png").size_bytes == 50_000_000
    large_picture(folder / "larger.png", size_bytes=50_000_001)
    assert "50 MB are the most" in refused(folder, "larger.png")


def test_a_recording_beyond_ten_minutes_is_refused(folder: Path) -> None:
    recording(folder / "long.wav", seconds=601, rate=800)
    assert "lasts 10:01 minutes; 10 are the most" in refused(folder, "long.wav", RECORDING)


def test_damaged_and_empty_files_are_refused(folder: Path) -> None:
    whole = picture(folder / "whole.jpg", kind="JPEG", size=(400, 400)).read_bytes()
    (folder / "half.jpg").write_bytes(whole[: len(whole) // 2])
    assert "is damaged" in refused(folder, "half.jpg")
    (folder / "empty.png").touch()
    assert "is empty" in refused(folder, "empty.png")
    (folder / "bad.wav").write_bytes(b"RIFF\x10\0\0\0WAVEnothing")
    assert "is damaged" in refused(folder, "bad.wav", RECORDING)


def test_a_file_that_is_not_there_is_told_with_the_one_that_was_meant(folder: Path) -> None:
    picture(folder / "photos" / "anna.jpg")
    assert refused(folder, "photos/ana.jpg").endswith('Did you mean "anna.jpg"?')
    assert 'no folder "fotos" either' in refused(folder, "fotos/anna.jpg")


def test_folders_and_pipes_are_no_files(folder: Path) -> None:
    (folder / "photos.jpg").mkdir()
    assert "is a folder" in refused(folder, "photos.jpg")
    os.mkfifo(folder / "pipe.png")
    assert "is no file" in refused(folder, "pipe.png")


# --- nothing from outside -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "../secret.png",
        "photos/../../secret.png",
        "..\\secret.png",
        "link.png",
        "linked/secret.png",
        "/etc/passwd.png",
        "\\\\server\\share\\a.png",
        "//server/share/a.png",
        "C:\\Users\\a.png",
        "c:/a.png",
        "file:///etc/a.png",
        "a\0.png",
    ],
)
def test_no_path_leads_out_of_the_folder(folder: Path, text: str) -> None:
    picture(folder.parent / "secret.png")
    (folder / "photos").mkdir()
    (folder / "link.png").symlink_to(folder.parent / "secret.png")
    (folder / "linked").symlink_to(folder.parent)
    assert "secret" not in refused(folder, text).replace(text, "")


def test_links_in_a_circle_lead_nowhere(folder: Path) -> None:
    (folder / "a.png").symlink_to(folder / "b.png")
    (folder / "b.png").symlink_to(folder / "a.png")
    assert refused(folder, "a.png")


def test_a_root_allows_what_lies_in_it_and_nothing_else(folder: Path) -> None:
    shared = picture(folder.parent / "shared" / "logo.png")
    assert "[media] roots" in refused(folder, "../shared/logo.png")
    assert taken(folder, "../shared/logo.png", PICTURE, shared.parent)
    assert taken(folder, str(shared), PICTURE, shared.parent)
    picture(folder.parent / "other.png")
    assert refused(folder, "../other.png", PICTURE, shared.parent)


def test_a_link_within_the_folder_is_followed(folder: Path) -> None:
    picture(folder / "real.png")
    (folder / "link.png").symlink_to(folder / "real.png")
    assert taken(folder, "link.png").sha256 == taken(folder, "real.png").sha256


def test_an_edited_file_is_read_again(folder: Path) -> None:
    path = picture(folder / "a.png", color=1)
    before = taken(folder, "a.png")
    picture(path, color=2)
    os.utime(path, ns=(1, 1))
    assert taken(folder, "a.png").sha256 != before.sha256


def test_a_picture_within_the_cell_and_a_name_that_no_file_can_have_are_told_in_short(folder: Path) -> None:
    assert refused(folder, "data:image/png;base64," + "A" * 30_000).startswith("The picture itself is in the cell.")
    told = refused(folder, "a" * 300 + ".png")
    assert "cannot be read: File name too long. Correct the path." in told
    assert len(told) < 200
