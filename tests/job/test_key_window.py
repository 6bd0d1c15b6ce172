"""How long a create may be sent again under its key: one answer for the run, for status and for explain."""

from __future__ import annotations

from pathlib import Path

import pytest

from batchgen.job import load_job

HOUR_S = 3600.0


@pytest.mark.parametrize(
    ("margin_h", "after_h", "replays"),
    [(1, 0, True), (1, 22.9, True), (1, 23.1, False), (6, 17.9, True), (6, 18.1, False), (1, -0.1, False)],
)
def test_the_window_ends_before_the_provider_forgets(
    margin_h: float, after_h: float, replays: bool, tmp_path: Path
) -> None:
    (tmp_path / "job.toml").write_text(f'sheet = "people.csv"\n[retry]\nkey_margin_h = {margin_h}\n')
    job = load_job(tmp_path)
    assert job.key_replays(1_800_000_000.0, 1_800_000_000.0 + after_h * HOUR_S) is replays
    assert job.in_simulator(clock_speed=20).key_replays(0.0, after_h * HOUR_S / 20) is replays
