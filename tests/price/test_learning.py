"""Lengths learnt from finished videos: nearer to the truth, honest about what is not known, never below the floor."""

from __future__ import annotations

import random
import statistics
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgen.job import Prices
from batchgen.price import NOTHING_LEARNT, Calibration, estimate, learnt_from, length_of
from batchgen.simulator.speech import video_seconds
from tests.cli.small_job import JOB, SmallJob

VOICES = ("en_ben", "de_jonas", "fr_claire", "es_lucia", "multi_clara", "my_clone")
SAID = "we are glad to have you with us and would like to tell you about the news of this spring"


def payload(script: str, voice: str = "en_ben", **settings: Any) -> dict[str, Any]:
    asked: dict[str, Any] = {"type": "avatar", "avatar_id": "Anna_public", "voice_id": voice, "script": script}
    return asked | ({"voice_settings": settings} if settings else {})


def some_payloads(count: int, seed: int) -> list[dict[str, Any]]:
    chance = random.Random(seed)
    return [
        payload(" ".join(chance.choices(SAID.split(), k=chance.randint(15, 90))), chance.choice(VOICES))
        for _ in range(count)
    ]


def finished(
    payloads: list[dict[str, Any]], *, noise: float = 0.0, seed: int = 0
) -> list[tuple[dict[str, Any], float]]:
    """What the simulated provider makes of them, each up to so much longer or shorter."""
    chance = random.Random(seed)
    return [(asked, video_seconds(asked) * (1 + chance.uniform(-noise, noise))) for asked in payloads]


def error(payloads: list[dict[str, Any]], calibration: Calibration) -> float:
    """By how much the likely lengths miss the simulator's, on average, as a share."""
    truths = [video_seconds(asked) for asked in payloads]
    likely = [length_of(asked, calibration).seconds for asked in payloads]
    return statistics.mean(abs(guess - truth) / truth for guess, truth in zip(likely, truths, strict=True))


def test_estimates_come_nearer_to_the_simulators_lengths_with_every_finished_video() -> None:
    to_come = some_payloads(300, seed=1)
    errors = [error(to_come, learnt_from(finished(some_payloads(n, seed=2), noise=0.1))) for n in (0, 30, 300, 3_000)]
    print([f"{missed:.1%}" for missed in errors])
    assert errors == sorted(errors, reverse=True)
    assert errors[0] > 0.05
    assert errors[-1] < errors[0] / 5


def test_the_interval_narrows_and_holds_nine_of_ten_true_lengths() -> None:
    learnt = learnt_from(finished(some_payloads(1_000, seed=3), noise=0.1))
    to_come = finished(some_payloads(500, seed=4), noise=0.1)
    lengths = [length_of(asked, learnt) for asked, _ in to_come]
    held = sum(
        length.seconds_low <= truth <= length.seconds_high for length, (_, truth) in zip(lengths, to_come, strict=True)
    )
    assert held >= 0.9 * len(to_come)
    for asked, _ in to_come:
        before, after = length_of(asked), length_of(asked, learnt)
        assert after.seconds - after.seconds_low < before.seconds - before.seconds_low


def test_one_video_teaches_little_and_what_was_not_heard_stays_as_it_was() -> None:
    slow = payload("word " * 50)
    once, often = (learnt_from([(slow, 40.0)] * times) for times in (1, 100))
    assert 20 < length_of(slow, once).seconds < 25
    assert length_of(slow, often).seconds == pytest.approx(40, rel=0.03)
    for other in (payload("word " * 50, "fr_claire"), payload("word " * 50, locale="de-DE"), payload("你好世界" * 20)):
        assert length_of(other, often) == length_of(other)


def test_an_avatars_own_voice_is_learnt_by_the_avatar() -> None:
    own = {"type": "avatar", "avatar_id": "Ben_public", "script": "word " * 50}
    learnt = learnt_from([(own, 25.0)] * 50)
    assert length_of(own, learnt).seconds == pytest.approx(25, rel=0.03)
    assert length_of(own | {"avatar_id": "Anna_public"}, learnt).seconds == 20


def test_speed_and_pauses_are_not_mistaken_for_the_voice() -> None:
    samples = [(payload('word <break time="3s"/> ' + "word " * 49, speed=0.5), 20 / 0.5 + 3)] * 50
    assert length_of(payload("word " * 50), learnt_from(samples)).seconds == pytest.approx(20, rel=0.01)


def test_what_teaches_nothing_is_left_out() -> None:
    nothing: list[tuple[dict[str, Any], float]] = [
        ({"type": "avatar", "avatar_id": "a", "audio_url": "https://example.com/a.mp3"}, 30.0),
        ({"type": "cinematic_avatar", "prompt": "A walk.", "avatar_id": ["a"]}, 8.0),
        (payload("Hi."), 1.0),
        (payload('word word word word word <break time="9s"/>'), 5.0),
    ]
    learnt = learnt_from(nothing)
    assert learnt.samples == 0
    assert length_of(payload("word " * 50), learnt) == length_of(payload("word " * 50))


def test_one_wild_length_does_not_carry_the_others_away() -> None:
    asked = payload("word " * 50)
    learnt = learnt_from([(asked, 20.0)] * 20 + [(asked, 20_000.0)])
    assert length_of(asked, learnt).seconds < 22


@given(
    st.lists(st.tuples(st.integers(1, 200), st.floats(0.01, 5_000)), max_size=20),
    st.integers(1, 300),
    st.floats(0.5, 1.5),
)
def test_the_reserved_estimate_is_never_below_the_floor_whatever_was_learnt(
    heard: list[tuple[int, float]], words: int, speed: float
) -> None:
    learnt = learnt_from((payload("word " * count), seconds) for count, seconds in heard)
    length = length_of(payload("word " * words, speed=speed), learnt)
    assert length.seconds_high >= words / 2.0 + 1.0
    assert length.seconds_low <= length.seconds
    assert length.seconds_high >= length_of(payload("word " * words, speed=speed)).seconds_high - 1e-6 or learnt.samples


def test_a_voice_slower_than_the_floor_raises_what_is_reserved() -> None:
    asked = payload("word " * 100)
    learnt = learnt_from([(asked, 80.0)] * 50)
    assert length_of(asked).seconds_high < 60
    assert estimate(asked, Prices(), calibration=learnt).seconds_high > 80


def test_without_samples_nothing_changes() -> None:
    asked = payload("word " * 100)
    assert length_of(asked, learnt_from([])) == length_of(asked, NOTHING_LEARNT)


def test_a_plan_learns_from_the_finished_rows_of_its_ledger(tmp_path: Path) -> None:
    """Twelve short greetings by a voice that is not the usual one; then twelve more are planned."""
    script = (
        'script = "Hello {{ name }}, how are you today? We are glad to have you with us, and so is our whole team."'
    )
    job = JOB.replace('script = "Hello {{ name }}, how are you today?"', f'{script}\nvoice_id = "multi_clara"')
    small = SmallJob(tmp_path).write(rows=12, job=job)
    before = small.ask("plan").json
    assert before["learnt_from"] == 0
    assert small.simulate().code == 0
    true_usd = small.ask("status").json["spent_usd"]
    small.sheet.write_text(small.sheet.read_text(encoding="utf-8").replace("\nr", "\nq"), encoding="utf-8")
    after = small.ask("plan").json
    assert after["learnt_from"] == 12
    assert after["to_send"] == 12
    assert abs(after["estimate_usd"] - true_usd) < abs(before["estimate_usd"] - true_usd) / 2
    assert after["estimate_low_usd"] <= true_usd <= after["estimate_high_usd"]
    assert "Lengths as learnt from 12 finished videos" in small.tell("plan").stdout
