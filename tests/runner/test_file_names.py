"""Names of files: safe on every system, unique, and never outside the output folder."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgen.runner.file_names import FALLBACK_STEM, container_of, names_to_try, safe_stem

RESERVED = ("CON", "nul", "COM1", "lpt9", "aux")


@pytest.mark.parametrize(
    ("wanted", "stem"),
    [
        ("A-17-Müller", "A-17-Müller"),
        ("山田 太郎", "山田 太郎"),
        ("../../evil", "evil"),
        ("/etc/passwd", "etc-passwd"),
        ("C:\\Windows\\x", "C-Windows-x"),
        ("a/b\\c:d", "a-b-c-d"),
        ("two  words\tand\nlines", "two words_and_lines"),
        ('what?*<>|"', "what______"),
        ("...", FALLBACK_STEM),
        ("", FALLBACK_STEM),
        (" . ", FALLBACK_STEM),
        ("trailing. . ", "trailing"),
        (".hidden", "hidden"),
    ],
)
def test_a_name_is_made_safe(wanted: str, stem: str) -> None:
    assert safe_stem(wanted) == stem


@given(st.text(max_size=300))
def test_any_text_gives_a_plain_file_name(wanted: str) -> None:
    stem = safe_stem(wanted)
    assert 0 < len(stem.encode()) <= 130
    assert not set(stem) & set('/\\:*?"<>|\0')
    assert stem not in (".", "..")
    assert stem == stem.strip(" .")
    assert all(letter >= " " and letter != "\x7f" for letter in stem)
    assert Path("out", f"{stem}.mp4").parent == Path("out")


@pytest.mark.parametrize("word", RESERVED)
def test_a_word_that_windows_keeps_for_itself_is_not_used(word: str) -> None:
    assert safe_stem(word).upper() not in {name.upper() for name in RESERVED}


def test_a_long_name_is_cut_between_letters() -> None:
    stem = safe_stem("ü" * 200)
    assert stem == "ü" * 60


def first_names(kind: str, folder: Path, *, container: str = ".mp4", link: str = "https://f.example/x") -> list[str]:
    return list(islice(names_to_try("anna", kind, container=container, link=link, folder=folder), 3))


@pytest.mark.parametrize(
    ("kind", "container", "names"),
    [
        ("video", ".mp4", ["anna.mp4", "anna-2.mp4", "anna-3.mp4"]),
        ("video", ".webm", ["anna.webm", "anna-2.webm", "anna-3.webm"]),
        ("captioned_video", ".mp4", ["anna.captioned.mp4", "anna-2.captioned.mp4", "anna-3.captioned.mp4"]),
        ("subtitles", ".mp4", ["anna.srt", "anna-2.srt", "anna-3.srt"]),
        ("gif", ".mp4", ["anna.gif", "anna-2.gif", "anna-3.gif"]),
        ("thumbnail", ".mp4", ["anna.jpg", "anna-2.jpg", "anna-3.jpg"]),
    ],
)
def test_each_kind_has_its_own_ending(tmp_path: Path, kind: str, container: str, names: list[str]) -> None:
    assert first_names(kind, tmp_path, container=container) == names


@pytest.mark.parametrize(
    ("link", "ending"),
    [
        ("https://f.example/t.PNG?sig=a.exe", ".png"),
        ("https://f.example/t.webp", ".webp"),
        ("https://f.example/t.exe", ".jpg"),
        ("https://f.example/t", ".jpg"),
        ("https://f.example/t.png/../../evil.sh", ".jpg"),
    ],
)
def test_a_thumbnail_ends_as_its_link_says_if_that_is_a_picture(tmp_path: Path, link: str, ending: str) -> None:
    assert first_names("thumbnail", tmp_path, link=link)[0] == f"anna{ending}"


def test_a_name_that_is_there_already_is_never_used_again(tmp_path: Path) -> None:
    (tmp_path / "anna.mp4").write_bytes(b"of last week")
    (tmp_path / "anna-2.mp4").mkdir()
    assert first_names("video", tmp_path)[0] == "anna-3.mp4"


def test_the_container_is_what_was_asked_for() -> None:
    assert container_of({"output_format": "webm"}) == ".webm"
    assert container_of({"output_format": "mp4"}) == container_of({}) == ".mp4"


def test_marks_that_turn_or_hide_text_are_left_out_of_names() -> None:
    assert safe_stem("invoice\u202egpj.exe\u0085 \u200bAnna") == "invoicegpj.exe Anna"
