from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgen.errors import JobInvalid, PriceUnknown
from batchgen.job import Prices
from batchgen.price import cost, estimate, price_tables, spoken_length

NEWEST = Prices()
MID_2026 = Prices(table="2026-07-01")


def avatar(engine: str | None = None, **more: Any) -> dict[str, Any]:
    chosen = {"engine": {"type": engine}} if engine else {}
    return {"type": "avatar", "avatar_id": "a", "script": "Hello there.", **chosen, **more}


@pytest.mark.parametrize(
    ("engine", "avatar_type", "mid_2026", "newest"),
    [
        ("avatar_iv", "photo_avatar", 50_000, 38_500),
        ("avatar_iv", "digital_twin", 66_700, 80_500),
        ("avatar_iv", "studio_avatar", 66_700, 80_500),
        ("avatar_v", "digital_twin", 66_700, 120_000),
        ("avatar_iii", "digital_twin", 16_700, 16_700),
        ("avatar_iii", "studio_avatar", 16_700, 16_700),
        ("avatar_iii", "photo_avatar", 43_300, 43_300),
    ],
)
def test_a_second_costs_what_the_dated_table_says(engine: str, avatar_type: str, mid_2026: int, newest: int) -> None:
    kinds = {avatar(engine)["avatar_id"]: avatar_type}
    assert cost(avatar(engine), 1, MID_2026, kinds=kinds) == mid_2026
    assert cost(avatar(engine), 1, NEWEST, kinds=kinds) == newest


@pytest.mark.parametrize(("engine", "dearest"), [("avatar_iv", 80_500), ("avatar_v", 120_000), ("avatar_iii", 43_300)])
def test_an_unknown_avatar_type_costs_the_dearest_of_its_engine(engine: str, dearest: int) -> None:
    assert cost(avatar(engine), 1, NEWEST) == dearest


def test_without_an_engine_avatar_iv_is_paid() -> None:
    assert cost(avatar(), 1, NEWEST) == cost(avatar("avatar_iv"), 1, NEWEST)


def test_a_raw_image_is_paid_as_a_photo_avatar() -> None:
    assert cost({"type": "image", "image": {}, "script": "Hi."}, 1, MID_2026) == 50_000


@pytest.mark.parametrize(("resolution", "microusd"), [("720p", 500_000), ("1080p", 500_000), ("4k", 625_000)])
def test_4k_costs_a_quarter_more(resolution: str, microusd: int) -> None:
    kinds = {avatar()["avatar_id"]: "photo_avatar"}
    assert cost(avatar(resolution=resolution), 10, MID_2026, kinds=kinds) == microusd


def test_a_cinematic_video_costs_a_flat_price() -> None:
    payload = {"type": "cinematic_avatar", "prompt": "A walk.", "duration": 8}
    assert cost(payload, 8, NEWEST) == 7_000_000
    assert estimate(payload, NEWEST).microusd_high == 7_000_000
    assert estimate(payload, NEWEST).seconds == 8


def test_the_estimate_names_the_table_it_took() -> None:
    assert estimate(avatar(), NEWEST).table == "2026-10-04 (reported)"
    assert estimate(avatar("avatar_iii"), NEWEST).table == "2026-07-01"
    assert estimate(avatar(), MID_2026).table == "2026-07-01"


def test_the_tables_are_listed_newest_first_with_their_sources() -> None:
    assert [(str(table.day), table.reported) for table in price_tables()] == [
        ("2026-10-04", True),
        ("2026-07-01", False),
    ]
    assert all(table.source for table in price_tables())


def test_the_jobs_own_price_beats_the_tables() -> None:
    own = Prices(usd_per_s={"avatar_v": 0.2, "any": 0.01})
    assert cost(avatar("avatar_v"), 2, own) == 400_000
    assert cost(avatar("avatar_iv"), 2, own) == 20_000
    assert estimate(avatar(), own).table == "job file"


def test_the_jobs_price_for_one_engine_leaves_the_others_to_the_tables() -> None:
    own = Prices(usd_per_s={"avatar_v": 0.2})
    assert cost(avatar("avatar_iv"), 1, own) == 80_500


def test_a_price_of_nothing_is_a_price() -> None:
    assert estimate(avatar(), Prices(usd_per_s={"any": 0.0})).microusd_high == 0


def test_an_unknown_table_is_refused_with_the_one_that_was_meant() -> None:
    with pytest.raises(JobInvalid, match=r'no price table "2026-07-02".*Did you mean "2026-07-01"'):
        estimate(avatar(), Prices(table="2026-07-02"))


@pytest.mark.parametrize("payload", [avatar("avatar_x"), avatar(resolution="8k"), {"type": "hologram"}])
def test_what_no_table_names_has_no_price(payload: dict[str, Any]) -> None:
    with pytest.raises(PriceUnknown):
        cost(payload, 1, NEWEST)


def test_150_words_take_a_minute_and_at_half_the_speed_two() -> None:
    script = "word " * 150
    assert spoken_length(script, speed=1).seconds == 60
    assert spoken_length(script, speed=0.5).seconds == 120
    assert spoken_length(script, speed=1.5).seconds == 40


@pytest.mark.parametrize(
    ("pause", "seconds"),
    [('<break time="2.5s"/>', 2.5), ("<break time='500ms' />", 0.5), ('<BREAK  time = "3s">', 3.0), ("a < b", 0)],
)
def test_pauses_count_in_full_whatever_the_speed(pause: str, seconds: float) -> None:
    words = "word " * 20
    without = pause if not seconds else ""
    plain, paused = (spoken_length(f"{words} {text} {words}", speed=1.5) for text in (without, pause))
    assert paused.seconds - plain.seconds == pytest.approx(seconds, abs=0.02)
    assert paused.seconds_high - plain.seconds_high == pytest.approx(seconds, abs=0.02)


@pytest.mark.parametrize(
    ("script", "least", "most"),
    [
        ("你好世界。" * 20, 15, 25),  # 80 characters
        ("こんにちは、世界。" * 10, 13, 25),
        ("สวัสดีครับ" * 12, 8, 14),
        ("안녕하세요 여러분 " * 10, 13, 25),
        ("Donaudampfschifffahrtsgesellschaft " * 10, 20, 30),
        ("0800 123456", 3, 5),
        ("x" * 5_000, 300, 400),
    ],
)
def test_languages_without_spaces_long_words_and_numbers_take_their_time(
    script: str, least: float, most: float
) -> None:
    assert least <= spoken_length(script, speed=1).seconds <= most


@given(
    st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=60).map(" ".join),
    st.floats(0.5, 1.5),
)
def test_the_upper_estimate_is_never_below_a_second_more_than_words_by_two(script: str, speed: float) -> None:
    length = spoken_length(script, speed=speed)
    assert length.seconds_high >= len(script.split()) / 2.0 + 1.0
    assert length.seconds_high > 0


@given(st.lists(st.sampled_from(["word", "Straße", "2026", "你好", "สวัสดี", "!"]), min_size=4, max_size=99))
def test_the_upper_estimate_is_above_the_likely_one_in_length_and_money(words: list[str]) -> None:
    guess = estimate(avatar(script=" ".join(words)), NEWEST)
    assert guess.seconds_high > guess.seconds
    assert guess.microusd_high > guess.microusd
    assert isinstance(guess.microusd_high, int)


def test_a_recording_of_unknown_length_is_reserved_at_the_longest_that_is_allowed() -> None:
    payload = {"type": "avatar", "avatar_id": "a", "audio_url": "https://example.com/a.wav"}
    guess = estimate(payload, NEWEST)
    assert (guess.seconds, guess.seconds_high) == (60, 600)
    assert guess.microusd_high == 600 * 80_500


def test_a_recording_whose_length_is_known_counts_with_it_alone_and_in_a_scene() -> None:
    speaker = {"type": "avatar", "avatar_id": "Anna", "engine": {"type": "avatar_iv"}, "audio_asset_id": "sha256:ab"}
    studio = {"type": "studio", "scenes": [{"type": "avatar_video", "input": speaker}] * 2}
    known = {"sha256:ab": 30.0}
    alone, both = (estimate(payload, Prices(), recordings=known) for payload in (speaker, studio))
    assert (alone.seconds, both.seconds) == (30.0, 60.0)
    assert both.seconds_high == pytest.approx(62.0)
    assert estimate(studio, Prices()).seconds_high == 1200.0
