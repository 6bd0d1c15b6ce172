"""Small pictures, recordings and films, made when they are needed."""

from __future__ import annotations

import io
import struct
import wave
import zlib
from pathlib import Path

import av
from PIL import Image


def picture(path: Path, *, color: int = 0, size: tuple[int, int] = (8, 8), kind: str = "PNG") -> Path:
    """A picture of one colour; every colour is another content."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (color % 256, color // 256, 100)).save(path, kind)
    return path


def large_picture(path: Path, *, size_bytes: int) -> Path:
    """A tiny PNG of so many bytes: the rest is a chunk that no program shows."""
    small = io.BytesIO()
    Image.new("RGB", (8, 8)).save(small, "PNG")
    head, end = small.getvalue()[:-12], small.getvalue()[-12:]
    filling = bytes(size_bytes - len(head) - len(end) - 12)
    chunk = b"prVt" + filling
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(head + struct.pack(">I", len(filling)) + chunk + struct.pack(">I", zlib.crc32(chunk)) + end)
    return path


def recording(path: Path, *, seconds: float = 0.5, rate: int = 8000) -> Path:
    """Silence as WAV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(rate)
        file.writeframes(b"\x80" * int(seconds * rate))
    return path


def film(path: Path) -> Path:
    """Five frames as MP4."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", format="mp4") as file:
        stream = file.add_stream("mpeg4", rate=5, width=16, height=16, pix_fmt="yuv420p")
        for _ in range(5):
            file.mux(stream.encode(av.VideoFrame(16, 16, "yuv420p")))
        file.mux(stream.encode())
    return path
