"""The bytes of a local file on their way to the provider: streamed, and only whole if they are the ones that were read.

The last piece is held back until the digest of all of them is right. A file that was edited meanwhile breaks its own
request off before it is complete, and the provider never has it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from batchgen.errors import FileChanged

PIECE_BYTES = 256 * 1024

Sent = Callable[[int], None]
"""Told of every piece that goes out, with its bytes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class UploadFile:
    """A local file as it was when the rows were read. ``name`` has no folder; the provider shows it."""

    path: Path
    name: str
    sha256: str
    content_type: str
    size_bytes: int


class FileBody:
    """One try to send the file, between ``before`` and ``after``. ``changed`` says why it was broken off."""

    def __init__(
        self, file: UploadFile, *, stall: asyncio.Timeout, stall_s: float, sent: Sent, around: tuple[bytes, bytes]
    ) -> None:
        self._file = file
        self._stall = stall
        self._stall_s = stall_s
        self._sent = sent
        self._before, self._after = around
        self.changed: FileChanged | None = None

    @property
    def length(self) -> int:
        """Bytes of the whole body."""
        return len(self._before) + self._file.size_bytes + len(self._after)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._before
        try:
            async for piece in self._pieces():
                self._stall.reschedule(asyncio.get_running_loop().time() + self._stall_s)
                yield piece
                self._sent(len(piece))
        except FileChanged as changed:
            self.changed = changed  # the transport hides what broke its sending off
            raise
        yield self._after

    async def _pieces(self) -> AsyncIterator[bytes]:
        digest, read, held = hashlib.sha256(), 0, b""
        try:
            with self._file.path.open("rb") as opened:
                while piece := await asyncio.to_thread(opened.read, PIECE_BYTES):
                    digest.update(piece)
                    read += len(piece)
                    if read > self._file.size_bytes:
                        break
                    if held:
                        yield held
                    held = piece
        except OSError as error:
            raise FileChanged(f"{self._file.name} cannot be read any more ({error.strerror})") from error
        if read != self._file.size_bytes or digest.hexdigest() != self._file.sha256:
            raise FileChanged(f"{self._file.name} was changed after the rows were read")
        yield held
