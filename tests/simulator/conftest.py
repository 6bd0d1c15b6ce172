"""A simulator whose clock stands still unless a test moves it, and a client that talks to it over a socket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from batchgen.simulator import Account, Simulator
from tests.simulator.calls import client_of

STANDING_STILL = 1e-6


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[Simulator]:
    """Static clips, 1,000 renders at once."""
    account = Account(concurrency=1000)
    state = tmp_path / "state"
    with Simulator(state=state, clock_speed=STANDING_STILL, render="static", account=account) as running:
        yield running


@pytest.fixture
def api(simulator: Simulator) -> Iterator[httpx.Client]:
    """A client with an API key."""
    with client_of(simulator.url) as client:
        yield client
