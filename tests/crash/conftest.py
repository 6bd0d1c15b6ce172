"""Where the worlds of these tests live."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.world import memory_folder


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """In memory where there is such a place: ``kill -9`` does not ask for a disk, and an fsync there costs nothing."""
    with tempfile.TemporaryDirectory(dir=memory_folder(), prefix="batchgen-crash-") as folder:
        yield Path(folder)
