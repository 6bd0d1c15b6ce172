from __future__ import annotations

import doctest
from itertools import pairwise
from types import ModuleType

import pytest

from batchgen.simulator import speech
from batchgen.simulator.render import fonts
from batchgen.simulator.render.captions import cues, joined, srt, timed_words, wrapped
from batchgen.simulator.render.fonts import is_right_to_left, legible
from batchgen.simulator.render.lettering import folded, shortened, width

ENGLISH = 'Hi Anna, thank you. <break time="2s"/> Your advisor will call you on Tuesday at ten o’clock.'
JAPANESE = "田中様、このたびはノースウィンドをお選びいただき、誠にありがとうございます。担当者がお電話いたします。"


@pytest.mark.parametrize("script", [ENGLISH, JAPANESE, "مرحبا بكم في شركتنا. شكرا.", "สวัสดีครับยินดีต้อนรับสู่บริษัทของเรา"])
def test_words_follow_each_other_and_fill_the_video(script: str) -> None:
    words = timed_words(script, 12.0)
    assert words[0].start == 0
    assert words[-1].end == pytest.approx(12.0)
    assert all(before.end == pytest.approx(after.start) for before, after in pairwise(words))


@pytest.mark.parametrize("room", [8, 20, 60])
@pytest.mark.parametrize("script", [ENGLISH, JAPANESE])
def test_wrapped_lines_hold_every_word_of_the_script(script: str, room: int) -> None:
    words = timed_words(script, 12.0)
    lines = wrapped(words, lambda text: len(text) <= room)
    assert [word for line in lines for word in line.words] == words
    assert all(len(line.text) <= room or len(line.words) == 1 for line in lines)


def test_japanese_lines_never_begin_with_a_comma_or_a_full_stop() -> None:
    lines = wrapped(timed_words(JAPANESE, 12.0), lambda text: len(text) <= 7)
    assert not any(line.text[0] in "、。" for line in lines)


def test_a_pause_is_shown_in_the_picture_and_silent_in_the_subtitles() -> None:
    words = timed_words(ENGLISH, 10.0)
    assert "[2 s]" in joined(words)
    assert "[2 s]" not in srt(words)


def test_a_long_sentence_becomes_cues_of_even_length() -> None:
    sentence = (
        "Your personal advisor will call you on Tuesday at ten o’clock to show you around the whole new building."
    )
    lengths = [len(cue.text) for cue in cues(timed_words(sentence, 10.0))]
    assert len(lengths) == 2
    assert max(lengths) - min(lengths) < 15


def test_a_spoken_share_grows_from_nothing_to_all() -> None:
    (line,) = wrapped(timed_words(ENGLISH, 10.0), lambda _: True)
    shares = [line.spoken_share(at / 10) for at in range(101)]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert shares[-1] == pytest.approx(1)


def test_emoji_that_no_font_shows_are_spelled_out() -> None:
    assert legible("Hurra \U0001f389") == "Hurra [party popper]"
    assert legible("Grüße, Łukasz") == "Grüße, Łukasz"


@pytest.mark.parametrize(
    ("text", "expected"), [("مرحبا Anna", True), ("Anna مرحبا", False), ("123 שלום", True), ("...", False)]
)
def test_the_first_letter_decides_the_direction(text: str, expected: bool) -> None:
    assert is_right_to_left(text) is expected


def test_a_title_that_is_cut_keeps_its_last_word() -> None:
    cut = shortened("Invitation to the general meeting in Cologne [b7f3]", 20, 300)
    assert cut.startswith("Invitation")
    assert cut.endswith("… [b7f3]")
    assert width(cut, 20) <= 300


def test_text_is_folded_into_no_more_lines_than_there_is_room_for() -> None:
    lines = folded("one two three four five six seven eight nine ten " * 5, 20, 200, 3)
    assert len(lines) == 3
    assert all(width(line, 20) <= 200 for line in lines)


@pytest.mark.parametrize("module", [speech, fonts])
def test_the_examples_in_the_docstrings_are_true(module: ModuleType) -> None:
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0
