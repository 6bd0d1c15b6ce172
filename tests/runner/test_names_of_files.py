"""A fetched file never takes the place of another one, whoever put that there."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections.abc import Sequence
from pathlib import Path

import pytest

from batchgen.ledger import Stored
from batchgen.runner.fetch import NameTaken, fetch_file
from batchgen.video_api import FileHost
from tests.video_api.wire import Request, Wire, answer

MINE, THEIRS = (b"\x00\x00\x00\x10ftypisom\x00\x00\x00" + letter for letter in (b"m", b"t"))


def two_videos(request: Request, connection: socket.socket) -> None:
    answer(connection, 200, MINE if request.path == "/mine.mp4" else THEIRS)


def without_links(source: object, target: object) -> None:
    raise OSError(errno.EPERM, os.strerror(errno.EPERM))


@pytest.fixture(params=["hard links", "no hard links"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An output folder, also on a file system without hard links."""
    if request.param == "no hard links":
        monkeypatch.setattr(os, "link", without_links)
    return tmp_path


def fetched(folder: Path, *videos: str, names: Sequence[str] = ("a.mp4", "a.mp4")) -> list[Stored | BaseException]:
    """Fetch these videos at the same moment, each for another row."""

    async def fetch() -> list[Stored | BaseException]:
        async with FileHost(base_url=host.url, connections=2) as files:
            fetches = (
                fetch_file(
                    files,
                    folder=folder,
                    entry_id=row,
                    video_id=video,
                    kind="video",
                    link=f"{host.url}/{video}.mp4",
                    path=name,
                )
                for row, (video, name) in enumerate(zip(videos, names, strict=False))
            )
            return await asyncio.gather(*fetches, return_exceptions=True)

    with Wire(two_videos) as host:
        return asyncio.run(fetch())


def test_a_file_gets_its_name_and_leaves_nothing_beside_it(folder: Path) -> None:
    (stored,) = fetched(folder, "mine")
    assert isinstance(stored, Stored)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == {"a.mp4": MINE}


def test_another_file_of_that_name_stays_as_it_is(folder: Path) -> None:
    (folder / "a.mp4").write_bytes(THEIRS)
    (refusal,) = fetched(folder, "mine")
    assert isinstance(refusal, NameTaken)
    assert (folder / "a.mp4").read_bytes() == THEIRS


def test_the_same_file_is_not_in_its_own_way(folder: Path) -> None:
    (folder / "a.mp4").write_bytes(MINE)
    (stored,) = fetched(folder, "mine")
    assert isinstance(stored, Stored)
    assert [file.name for file in folder.iterdir()] == ["a.mp4"]


def test_of_two_files_that_come_at_the_same_moment_one_gets_the_name(folder: Path) -> None:
    outcomes = fetched(folder, "mine", "theirs")
    winner = next(index for index, outcome in enumerate(outcomes) if isinstance(outcome, Stored))
    assert isinstance(outcomes[1 - winner], NameTaken)
    assert (folder / "a.mp4").read_bytes() == (MINE, THEIRS)[winner]


def test_rows_of_one_video_fetch_it_at_the_same_moment_each_for_itself(folder: Path) -> None:
    names = [f"{row}.mp4" for row in range(8)]
    outcomes = fetched(folder, *["mine"] * len(names), names=names)
    assert all(isinstance(outcome, Stored) for outcome in outcomes), outcomes
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == dict.fromkeys(names, MINE)
