"""Pictures of the person's own on a storyboard: whatever has become of a file, the storyboard is drawn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from batchgen.simulator.preview import preview
from tests.media.made import picture

ASSET = "sha256:1234"
REQUEST = {
    "type": "image",
    "image": {"type": "asset_id", "asset_id": ASSET},
    "background": {"type": "image", "asset_id": ASSET},
    "script": "Hello.",
    "voice_id": "en_anna",
    "resolution": "720p",
}


def huge(path: Path) -> None:
    picture(path, size=(5_000, 10))


def cut_off(path: Path) -> None:
    whole = picture(path, color=9, size=(600, 600)).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def of_another_kind(path: Path) -> None:
    picture(path, kind="GIF")


def gone(path: Path) -> None:
    path.unlink(missing_ok=True)


@pytest.mark.parametrize("spoil", [huge, cut_off, of_another_kind, gone])
def test_a_file_that_cannot_be_shown_any_more_gives_way_to_a_sign(
    spoil: Callable[[Path], None], tmp_path: Path
) -> None:
    file = tmp_path / "own.png"
    spoil(file)
    made = preview(REQUEST, tmp_path, {ASSET: file})
    with Image.open(made.poster) as poster:
        assert poster.size == (640, 360)


def test_a_path_in_a_request_alone_opens_nothing(tmp_path: Path) -> None:
    """Whoever sends a request cannot make the simulator read a file of this computer."""
    file = picture(tmp_path / "own.png", color=250)
    named = REQUEST | {"image": {"type": "asset_id", "asset_id": str(file)}}
    with Image.open(preview(named, tmp_path, {}).poster) as poster:
        pixels = poster.convert("RGB").tobytes()
    colours = set(zip(pixels[0::3], pixels[1::3], strict=False))
    assert not [colour for colour in colours if colour[0] > 200 and colour[1] < 60]
