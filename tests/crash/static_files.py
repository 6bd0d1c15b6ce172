"""The provider's static clip, rendered once for all trials instead of once for each."""

from __future__ import annotations

import atexit
import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

NAMES = ("video.mp4", "captioned.mp4", "subtitles.srt", "thumbnail.jpg", "preview.gif")


def shelve(folder: Path) -> None:
    """Put every static file where a simulator with this state folder looks for it."""
    shutil.copytree(_rendered(), folder, dirs_exist_ok=True)


@cache
def _rendered() -> Path:
    from batchgen.simulator.render import static
    from batchgen.simulator.store import Video

    folder = Path(mkdtemp(prefix="batchgen-clips-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    anything = Video(
        id="", title=None, folder_id=None, request=b"{}", created_at=0, processing_at=0, finishes_at=0, duration_s=0,
        price_microusd=0, outcome="completed",
    )  # fmt: skip
    for name in NAMES:
        static.render_file(anything, name, folder)
    return folder
