"""A small job, and a provider of its own for those that are run for real."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.batchgen_process import ProviderProcess
from tests.cli.small_job import SmallJob


@pytest.fixture
def job(tmp_path: Path) -> SmallJob:
    """Without a provider: to be simulated, or refused."""
    return SmallJob(tmp_path / "job")


@pytest.fixture
def real_job(tmp_path: Path) -> Iterator[SmallJob]:
    """Against a provider that is a process of its own, by address and key."""
    with ProviderProcess(tmp_path / "provider") as provider:
        yield SmallJob(tmp_path / "job", provider)
