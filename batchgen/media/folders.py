"""From what a cell says to a file: inside of the job's folder, or of one that the job file allows, and nowhere else."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from batchgen.errors import MediaRefused
from batchgen.fields import closest
from batchgen.media.file import LocalFile, examined
from batchgen.media.uses import Use

_PICTURES = ("png", "jpg", "jpeg", "jpe", "jfif", "gif", "webp", "bmp", "tif", "tiff", "heic", "heif", "avif", "svg")
_RECORDINGS = ("mp3", "wav", "wave", "m4a", "aac", "ogg", "oga", "opus", "flac", "wma")
_VIDEOS = ("mp4", "m4v", "webm", "mov", "avi", "mkv")
_SUFFIXES = frozenset((*_PICTURES, *_RECORDINGS, *_VIDEOS, "pdf"))
_SHOWN = 80  # characters of a path that no file can have
_DRIVE = re.compile(r"[A-Za-z]:")


def looks_like_path(text: str) -> bool:
    """Whether a text where an asset id could stand is rather the path of a file: ids have no slashes and no suffix."""
    return "/" in text or "\\" in text or (text.rpartition(".")[2].casefold() in _SUFFIXES and "." in text)


@dataclass(frozen=True, kw_only=True)
class MediaFolders:
    """The job's folder, which relative paths are relative to, and the roots that it allows beside it."""

    folder: Path
    roots: tuple[Path, ...] = ()

    def file(self, text: str, use: Use) -> LocalFile:
        """The file that a cell names, checked for its use. Raises ``MediaRefused`` with what to do."""
        path = self._allowed(text, use)
        found = _stat(path, text)
        if not stat.S_ISREG(found.st_mode):
            kind = "a folder" if stat.S_ISDIR(found.st_mode) else "no file"
            raise MediaRefused(f'"{text}" is {kind}.', f"Name the {use.word} itself.")
        if found.st_size > use.max_bytes:
            raise MediaRefused(
                f"The {use.word} has {found.st_size / 1e6:,.1f} MB; {use.max_bytes / 1e6:,.0f} MB are the most.",
                "Make it smaller.",
            )
        return examined(str(path), found.st_size, found.st_mtime_ns, use)

    def names(self, text: str) -> bool:
        """Whether a text where an asset id could stand is rather a path, as the name of a folder in the job's is."""
        return looks_like_path(text) or os.path.isdir(self.folder / text)  # noqa: PTH112  # is_dir raises for long names

    def _allowed(self, text: str, use: Use) -> Path:
        """The path with every link followed. Raises ``MediaRefused`` when it leads out of the allowed folders."""
        if "\0" in text:
            raise MediaRefused("The path holds a character that no path can hold.", "Type it anew.")
        if text.casefold().startswith("data:"):
            raise MediaRefused(f"The {use.word} itself is in the cell.", "Save it beside the job and give its path.")
        if text.casefold().startswith("file:"):
            raise MediaRefused(f'"{text}" is a file link.', "Write the path alone, as seen from the job's folder.")
        if _DRIVE.match(text) and os.name != "nt":
            raise MediaRefused(f'"{text}" names a drive.', _COPY_IT)
        try:
            path = (self.folder / text.replace("\\", "/")).resolve()
        except (OSError, RuntimeError) as error:  # RuntimeError: links that lead in a circle, before Python 3.13
            raise MediaRefused(f'"{text}" leads nowhere: {error}.', _COPY_IT) from error
        if not any(path.is_relative_to(root.resolve()) for root in (self.folder, *self.roots)):
            raise MediaRefused(f'"{text}" leads out of the job\'s folder.', _COPY_IT)
        return path


_COPY_IT = 'Copy the file into the job\'s folder, or allow its folder: [media] roots = ["…"].'


def _stat(path: Path, text: str) -> os.stat_result:
    try:
        return path.stat()
    except FileNotFoundError as error:
        raise MediaRefused(f'There is no file "{text}" in the job\'s folder.', _meant(path)) from error
    except PermissionError as error:
        raise MediaRefused(f'"{text}" cannot be read: {error.strerror}.', "Give yourself permission.") from error
    except OSError as error:
        raise MediaRefused(f'"{text[:_SHOWN]}" cannot be read: {error.strerror}.', "Correct the path.") from error


def _meant(path: Path) -> str:
    """The file that was probably meant, or how far the path leads."""
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return f'There is no folder "{path.parent.name}" either. Paths begin at the job\'s folder.'
    near = closest(path.name, names)
    return f'Did you mean "{near}"?' if near else "Paths begin at the job's folder."
