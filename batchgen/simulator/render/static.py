"""One tiny valid clip for every video: for runs whose point is throughput, not looking."""

from __future__ import annotations

import threading
from pathlib import Path

from PIL import Image

from batchgen.simulator.render.clip import write_gif, write_mp4, write_webm
from batchgen.simulator.store import Video

SIZE = (64, 36)
SECONDS = 1.0
FPS = 5
_lock = threading.Lock()


def render_file(video: Video, name: str, folder: Path) -> Path:
    """The file of that kind; the same bytes for every video."""
    path = folder / f"static-{name}"
    with _lock:
        if not path.exists():
            _write(path)
    return path


def _write(path: Path) -> None:
    part = path.with_name(f"{path.name}.part")
    frames = [Image.new("RGBA", SIZE, (40, 90, 160, 255))] * round(SECONDS * FPS)
    match path.suffix:
        case ".mp4":
            write_mp4(part, frames, SIZE, FPS, SECONDS)
        case ".webm":
            write_webm(part, frames, SIZE, FPS, SECONDS)
        case ".gif":
            write_gif(part, frames, 1000 // FPS)
        case ".jpg":
            frames[0].convert("RGB").save(part, format="JPEG")
        case _:
            part.write_text("1\n00:00:00,000 --> 00:00:01,000\nStatic preview\n", encoding="utf-8")
    part.replace(path)
