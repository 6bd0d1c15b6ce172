"""Finished files on disk: rendered when first asked for, off the event loop, cached by content."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from batchgen.simulator.recordings import Recordings
from batchgen.simulator.settings import RenderMode
from batchgen.simulator.store import Video

RENDER_THREADS = 2  # encoders release the interpreter lock

RenderFile = Callable[[Video, str, Path], Path]
RecordingsIn = Callable[[Mapping[str, Any]], Recordings]


class Shelf:
    """Where the file host finds files. ``folder`` is ours alone; ``recordings_in`` knows those that a request names."""

    def __init__(self, folder: Path, mode: RenderMode, recordings_in: RecordingsIn) -> None:
        self._folder = folder
        self._mode = mode
        self._recordings_in = recordings_in
        self._threads = ThreadPoolExecutor(RENDER_THREADS, thread_name_prefix="simulator-render")
        self._under_way: dict[tuple[str, str], asyncio.Future[Path]] = {}

    async def file_of(self, video: Video, name: str) -> Path:
        """The path of a finished file; asked for twice at the same time, it is rendered once."""
        wanted = video.id, name
        if wanted not in self._under_way:
            loop = asyncio.get_running_loop()
            recordings = self._recordings_in(video.payload)
            rendering = loop.run_in_executor(self._threads, self._render, video, name, recordings)
            self._under_way[wanted] = rendering
            rendering.add_done_callback(lambda _: self._under_way.pop(wanted))
        return await asyncio.shield(self._under_way[wanted])

    def _render(self, video: Video, name: str, recordings: Recordings) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._renderer(recordings)(video, name, self._folder)

    def _renderer(self, recordings: Recordings) -> RenderFile:
        """Imported at the first file: the encoders are heavy."""
        if self._mode == "static":
            from batchgen.simulator.render import static

            return static.render_file
        from batchgen.simulator.render import storyboard

        return partial(storyboard.render_file, recordings=recordings)

    def close(self) -> None:
        """Finish what is being rendered, start nothing more."""
        self._threads.shutdown(cancel_futures=True)
