"""What studio videos and videos from templates will take and cost."""

from __future__ import annotations

from typing import Any

import pytest

from batchgen.job import Prices
from batchgen.price import cost, estimate
from batchgen.request import check

PRICES = Prices(usd_per_s={"avatar_iv": 0.1, "avatar_v": 0.2})
TEN_SECONDS = "word " * 25


def scene(**fields: Any) -> dict[str, Any]:
    return {"avatar_id": "Anna", "script": TEN_SECONDS, **fields}


def studio(*scenes: dict[str, Any]) -> dict[str, Any]:
    return check({"type": "studio", "scenes": list(scenes)}).payload


def test_a_studio_video_costs_the_sum_of_its_scenes() -> None:
    one = estimate(check(scene()).payload, PRICES)
    other = estimate(check(scene(engine="avatar_v")).payload, PRICES)
    both = estimate(studio(scene(), scene(engine="avatar_v")), PRICES)
    assert both.seconds == pytest.approx(one.seconds + other.seconds)
    assert both.microusd == one.microusd + other.microusd
    assert both.microusd_high == one.microusd_high + other.microusd_high


def test_a_picture_that_is_shown_takes_as_long_as_it_says() -> None:
    with_picture = estimate(studio(scene(), {"source": "https://example.com/a.png", "duration": 4}), PRICES)
    assert with_picture.seconds == pytest.approx(estimate(check(scene()).payload, PRICES).seconds + 4)


def test_a_finished_studio_video_costs_its_true_length_at_the_mixed_price() -> None:
    payload = studio(scene(), scene(engine="avatar_v"))
    assert cost(payload, 20.0, PRICES) == pytest.approx(20 * 0.15 * 1e6)


def test_nobody_knows_how_long_a_template_is() -> None:
    payload = check({"template_id": "tpl_welcome", "variables": {"first_name": "Anna"}}).payload
    guessed = estimate(payload, PRICES)
    assert (guessed.seconds, guessed.seconds_high) == (60.0, 600.0)
    assert guessed.microusd == 6_000_000
