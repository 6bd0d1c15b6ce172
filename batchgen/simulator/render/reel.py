"""Storyboards one after another, as one film."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from PIL import Image

from batchgen.simulator.render.captions import Word
from batchgen.simulator.render.picture import Storyboard
from batchgen.simulator.render.scene import Scene


class Reel:
    """The scenes of one video. Times are seconds from its beginning."""

    def __init__(self, scenes: tuple[Scene, ...], *, captioned: bool = False) -> None:
        self._scenes = scenes
        self._boards = [Storyboard(scene, captioned=captioned) for scene in scenes]
        self._starts = [sum(scene.seconds for scene in scenes[:index]) for index in range(len(scenes))]

    @property
    def size(self) -> tuple[int, int]:
        """Pixels; the same for every scene."""
        return self._scenes[0].size

    @property
    def seconds(self) -> float:
        """The length of all scenes together."""
        return sum(scene.seconds for scene in self._scenes)

    @property
    def words(self) -> list[Word]:
        """Every word, when it is said in the whole video."""
        return [
            replace(word, start=word.start + start, end=word.end + start)
            for scene, start in zip(self._scenes, self._starts, strict=True)
            for word in scene.words
        ]

    @property
    def audio_file(self) -> str | None:
        """The first supplied sound."""
        return next((scene.audio_file for scene in self._scenes if scene.audio_file), None)

    def frames(self, fps: int) -> Iterator[Image.Image]:
        """Every frame of the video, RGBA."""
        for index in range(max(1, round(self.seconds * fps))):
            yield self.at(index / fps)

    def at(self, seconds: float) -> Image.Image:
        """The picture at a moment."""
        number = max(index for index, start in enumerate(self._starts) if start <= seconds)
        return self._boards[number].at(seconds - self._starts[number])
