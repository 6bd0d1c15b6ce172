"""A simulated provider whose clock runs quickly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from batchgen.simulator import Simulator

QUICK = 1000.0


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[Simulator]:
    with Simulator(state=tmp_path / "state", clock_speed=QUICK, render="static") as simulator:
        yield simulator
