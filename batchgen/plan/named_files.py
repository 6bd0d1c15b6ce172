"""What people call the local files that stand in requests by the digest of their content."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from batchgen.media import LocalFile


def file_names(folder: Path, media: Mapping[str, LocalFile]) -> dict[str, str]:
    """sha256 → the path as seen from the job's ``folder``, with forward slashes; whole where the file lies elsewhere.

    Of files with the same content it is the first one's.
    """
    home = folder.resolve()
    return {sha256: _seen_from(home, file.path) for sha256, file in media.items()}


def _seen_from(home: Path, path: Path) -> str:
    return (path.relative_to(home) if path.is_relative_to(home) else path).as_posix()
