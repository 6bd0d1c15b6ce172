"""The files of a simulated video as storyboard previews, cached by what they show."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

from PIL import Image

from batchgen.simulator.recordings import NO_RECORDINGS, Recordings
from batchgen.simulator.render.captions import srt
from batchgen.simulator.render.clip import write_gif, write_mp4, write_webm
from batchgen.simulator.render.reel import Reel
from batchgen.simulator.render.scene import NO_FILES, Files, Scene, scenes_of
from batchgen.simulator.store import Video

THUMBNAIL_SIDE = 640  # pixels, the longer one
GIF_SIDE = 320
GIF_FRAMES = 12
GIF_FRAME_MS = 350
STILL_MOMENT = 0.4  # share of the length at which the thumbnail is taken


def render_file(
    video: Video, name: str, folder: Path, files: Files = NO_FILES, recordings: Recordings = NO_RECORDINGS
) -> Path:
    """The file ``name`` (video.mp4, captioned.webm, subtitles.srt, thumbnail.jpg, preview.gif) of a video.

    ``files`` are opened and drawn: never what a request names by itself. ``recordings`` are those of its scenes.
    """
    scenes = scenes_of(video, files, recordings)
    path = folder / f"{_digest(scenes)}-{name}"
    if not path.exists():
        part = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.part")
        _write(scenes, Path(name), part)
        part.replace(path)
    return path


def frames_per_second(seconds: float) -> int:
    """Few: a storyboard is read, not watched; fewer the longer it is."""
    if seconds <= 60:
        return 5
    return 2 if seconds <= 240 else 1


def _digest(scenes: tuple[Scene, ...]) -> str:
    """Same digest, same pictures."""
    if len(scenes) == 1:
        return scenes[0].digest
    return hashlib.sha256("".join(scene.digest for scene in scenes).encode()).hexdigest()[:32]


def _write(scenes: tuple[Scene, ...], name: Path, path: Path) -> None:
    reel = Reel(scenes, captioned=name.stem == "captioned")
    fps = frames_per_second(reel.seconds)
    match name.suffix:
        case ".mp4":
            write_mp4(path, reel.frames(fps), reel.size, fps, reel.seconds)
        case ".webm":
            write_webm(path, reel.frames(fps), reel.size, fps, reel.seconds)
        case ".gif":
            write_gif(path, [_shrunk(frame, GIF_SIDE) for frame in _samples(reel)], GIF_FRAME_MS)
        case ".jpg":
            still = _shrunk(reel.at(reel.seconds * STILL_MOMENT), THUMBNAIL_SIDE)
            _on_white(still).save(path, format="JPEG", quality=85)
        case _:
            path.write_text(_subtitles(reel), encoding="utf-8")


def _samples(reel: Reel) -> list[Image.Image]:
    return [reel.at(reel.seconds * index / GIF_FRAMES) for index in range(GIF_FRAMES)]


def _shrunk(picture: Image.Image, side: int) -> Image.Image:
    share = side / max(picture.size)
    size = round(picture.width * share), round(picture.height * share)
    return picture.resize(size, Image.Resampling.LANCZOS)


def _on_white(picture: Image.Image) -> Image.Image:
    paper = Image.new("RGBA", picture.size, (255, 255, 255, 255))
    paper.alpha_composite(picture)
    return paper.convert("RGB")


def _subtitles(reel: Reel) -> str:
    if reel.words:
        return srt(reel.words)
    whole = max(1, round(reel.seconds * 1000))
    stamp = f"{whole // 3_600_000:02}:{whole // 60_000 % 60:02}:{whole // 1000 % 60:02},{whole % 1000:03}"
    return f"1\n00:00:00,000 --> {stamp}\n[{reel.audio_file}]\n"
