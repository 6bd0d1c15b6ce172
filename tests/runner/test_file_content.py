"""A file counts only when it is what it should be, judged by its first bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from batchgen.runner.fetch import ends_with_a_box, measured, wrong_content

MP4 = b"\x00\x00\x00\x20ftypisom" + b"\x00" * 50
WEBM = b"\x1a\x45\xdf\xa3" + b"\x00" * 50
SRT = b"1\n00:00:00,000 --> 00:00:02,000\nHello\n"
JPEG, PNG, WEBP = b"\xff\xd8\xff\xe0rest", b"\x89PNG\r\n\x1a\nrest", b"RIFF\x10\x00\x00\x00WEBPVP8 "
GIF = b"GIF89a rest"
PAGE = b"<!DOCTYPE html><html><body>Sign in</body></html>"
COMMENTED_PAGE = b"<!DOCTYPE html><!-- cdn --><html><body>Sign in</body></html>"


@pytest.mark.parametrize(
    ("kind", "suffix", "content"),
    [
        ("video", ".mp4", MP4),
        ("video", ".webm", WEBM),
        ("captioned_video", ".mp4", MP4),
        ("subtitles", ".srt", SRT),
        ("subtitles", ".srt", b"\xef\xbb\xbf" + SRT),
        ("subtitles", ".srt", b"\xef\xbb\xbf\r\n"),
        ("thumbnail", ".jpg", JPEG),
        ("thumbnail", ".jpg", PNG),
        ("thumbnail", ".webp", WEBP),
        ("gif", ".gif", GIF),
    ],
)
def test_a_right_file_is_taken(tmp_path: Path, kind: str, suffix: str, content: bytes) -> None:
    file = tmp_path / "part"
    file.write_bytes(content)
    assert wrong_content(kind, suffix, file) is None


@pytest.mark.parametrize(
    ("kind", "suffix"),
    [
        ("video", ".mp4"),
        ("video", ".webm"),
        ("captioned_video", ".mp4"),
        ("subtitles", ".srt"),
        ("thumbnail", ".jpg"),
        ("gif", ".gif"),
    ],
)
def test_an_empty_file_a_page_or_another_kind_is_not(tmp_path: Path, kind: str, suffix: str) -> None:
    file = tmp_path / "part"
    wrong = [PAGE, b"\x00", b"PK\x03\x04 a zip"]
    wrong += [one for one in (MP4, WEBM, GIF) if not one.startswith((MP4 if "mp4" in suffix else WEBM, GIF))]
    for content in wrong:
        if suffix == ".gif" and content is GIF:
            continue
        file.write_bytes(content)
        told = wrong_content(kind, suffix, file)
        assert told is not None, content
        assert f"the {kind} file is not what it should be" in told
    file.write_bytes(b"")
    assert wrong_content(kind, suffix, file) == f"the {kind} file is empty"


def test_a_page_with_a_comment_is_no_subtitle(tmp_path: Path) -> None:
    file = tmp_path / "part"
    file.write_bytes(COMMENTED_PAGE)
    assert wrong_content("subtitles", ".srt", file) is not None


def test_a_file_is_measured_as_it_is_on_disk(tmp_path: Path) -> None:
    file = tmp_path / "a.mp4"
    file.write_bytes(b"abc")
    stored = measured(file, kind="video", path="a.mp4")
    assert stored.size_bytes == 3
    assert stored.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_an_mp4_without_a_said_length_is_whole_only_when_its_last_box_is(tmp_path: Path) -> None:
    file = tmp_path / "part"
    boxes = b"\x00\x00\x00\x10ftypisom\x00\x00\x00\x00" + b"\x00\x00\x00\x0cmdat1234"
    long_box = b"\x00\x00\x00\x01moov" + (20).to_bytes(8) + b"data"
    for content, whole in [
        (boxes, True),
        (boxes + long_box, True),
        (boxes[:-1], False),
        (boxes + long_box[:-2], False),
    ]:
        file.write_bytes(content)
        assert ends_with_a_box(file) is whole
