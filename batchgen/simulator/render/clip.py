"""Encoding frames and a quiet sound into files that play: MP4 (H.264 + AAC), transparent WebM (VP9 + Opus), GIF."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

SAMPLE_RATE = 24_000  # Hz; both codecs know it, and half the samples cost half the time
AUDIO_BLOCK = 1024  # samples in an AAC frame; Opus regroups
SWELL_S = 2  # the tone comes and goes so often
TONE_HZ = 220
LOUDNESS = 0.012  # of full scale
SAMPLE_BYTES = 4
SOUND_BIT_RATE = 32_000

# Measured for the storyboards: x264's fastest preset, and VP9's realtime mode; both keep text crisp.
_H264 = {"preset": "ultrafast", "crf": "24"}
_VP9 = {
    "deadline": "realtime", "cpu-used": "8", "crf": "30", "b": "0", "lag-in-frames": "0", "auto-alt-ref": "0",
}  # fmt: skip


def write_mp4(path: Path, frames: Iterable[Image.Image], size: tuple[int, int], fps: int, seconds: float) -> None:
    """An MP4 whose index comes first, so that it plays while it loads."""
    with av.open(path, "w", format="mp4", options={"movflags": "faststart"}) as container:
        video = _video_stream(container, "libx264", "yuv420p", size, fps, _H264)
        audio = _audio_stream(container, "aac", {"aac_coder": "fast"})
        _write(container, video, audio, frames, fps, seconds)


def write_webm(path: Path, frames: Iterable[Image.Image], size: tuple[int, int], fps: int, seconds: float) -> None:
    """A WebM with an alpha channel; frames are RGBA."""
    with av.open(path, "w", format="webm") as container:
        video = _video_stream(container, "libvpx-vp9", "yuva420p", size, fps, _VP9)
        audio = _audio_stream(container, "libopus", {})
        _write(container, video, audio, frames, fps, seconds)


def write_gif(path: Path, frames: list[Image.Image], frame_ms: int) -> None:
    """A small endless animation."""
    first, *rest = [frame.convert("P", palette=Image.Palette.ADAPTIVE, colors=64) for frame in frames]
    first.save(path, format="GIF", save_all=True, append_images=rest, duration=frame_ms, loop=0, optimize=False)


def _video_stream(
    container: OutputContainer, codec: str, pixels: str, size: tuple[int, int], fps: int, options: dict[str, str]
) -> VideoStream:
    stream = container.add_stream(codec, rate=fps, options=options)
    assert isinstance(stream, VideoStream)
    stream.width, stream.height = size
    stream.pix_fmt = pixels
    stream.time_base = Fraction(1, fps)
    stream.codec_context.thread_count = 1  # two renders run side by side already
    return stream


def _audio_stream(container: OutputContainer, codec: str, options: dict[str, str]) -> AudioStream:
    stream = container.add_stream(codec, rate=SAMPLE_RATE, options=options)
    assert isinstance(stream, AudioStream)
    stream.layout = "mono"
    stream.bit_rate = SOUND_BIT_RATE
    return stream


def _write(
    container: OutputContainer,
    video: VideoStream,
    audio: AudioStream,
    frames: Iterable[Image.Image],
    fps: int,
    seconds: float,
) -> None:
    """Frames and sound in step, so that a player needs no long buffer."""
    sound = _Sound(audio, round(seconds * SAMPLE_RATE))
    for index, image in enumerate(frames):
        frame = VideoFrame.from_bytes(image.tobytes(), image.width, image.height)
        frame.pts = index
        frame.time_base = Fraction(1, fps)
        container.mux(video.encode(frame))
        sound.mux_until((index + 1) / fps, container)
    container.mux(video.encode(None))
    sound.mux_until(seconds, container)
    container.mux(audio.encode(None))


class _Sound:
    """A soft tone that comes and goes: audible proof of an audio track, nothing that annoys."""

    def __init__(self, stream: AudioStream, samples: int) -> None:
        self._stream = stream
        self._samples = samples
        self._written = 0
        self._format = "fltp" if stream.codec_context.name == "aac" else "flt"

    def mux_until(self, seconds: float, container: OutputContainer) -> None:
        """Encode up to a time."""
        end = min(self._samples, round(seconds * SAMPLE_RATE))
        while self._written < end:
            count = min(AUDIO_BLOCK, self._samples - self._written)
            container.mux(self._stream.encode(self._block(count)))
            self._written += count

    def _block(self, count: int) -> AudioFrame:
        frame = AudioFrame(format=self._format, layout="mono", samples=count)
        start = self._written % (SWELL_S * SAMPLE_RATE) * SAMPLE_BYTES
        sound = _two_swells()[start : start + count * SAMPLE_BYTES]
        frame.planes[0].update(sound.ljust(frame.planes[0].buffer_size, b"\0"))
        frame.sample_rate = SAMPLE_RATE
        frame.pts = self._written
        frame.time_base = Fraction(1, SAMPLE_RATE)
        return frame


@cache
def _two_swells() -> bytes:
    """The tone over twice its period, as 32-bit floats: any block starts in the first one."""
    samples = range(SWELL_S * SAMPLE_RATE)
    turn = 2 * math.pi / SAMPLE_RATE
    swells = array(
        "f",
        (LOUDNESS * (0.5 - 0.5 * math.cos(turn * at / SWELL_S)) * math.sin(turn * TONE_HZ * at) for at in samples),
    )
    return swells.tobytes() * 2
