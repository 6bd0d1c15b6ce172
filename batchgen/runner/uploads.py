"""What one run uploads, and how far it is."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from batchgen.media import LocalFile


@dataclass(kw_only=True)
class Uploads:
    """What one run uploads: its files by digest, and how far it is. Sizes are bytes."""

    files: Mapping[str, LocalFile] = field(default_factory=dict)
    begun: dict[str, int] = field(default_factory=dict)
    """Digest → bytes of it that went out, of every file that this run has begun to upload."""
    done: int = 0
    under_way: set[str] = field(default_factory=set)
    resting: set[str] = field(default_factory=set)
    """Files that are not tried again in this run, or not yet."""
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def sent(self, sha256: str, count: int) -> None:
        """A piece of a file went out; one that goes out again counts once."""
        self.begun[sha256] = min(self.begun[sha256] + count, self.files[sha256].size_bytes)

    @property
    def sent_bytes(self) -> int:
        return sum(self.begun.values())
