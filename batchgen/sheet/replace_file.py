"""Put a new file in the place of an old one: whole or not at all, whatever is killed in between."""

from __future__ import annotations

import contextlib
import errno
import filecmp
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from batchgen.durable import sync_folder
from batchgen.errors import SheetChanged, SheetNotWritten

_LEFTOVER_AGE_S = 3600
"""Seconds after which a part file of a killed process is swept away."""

_REASONS = {
    errno.ENOSPC: "the disk is full. Make room and run again",
    errno.EDQUOT: "your share of the disk is used up. Make room and run again",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "you may not write there, or the file is open in another program",
    errno.EPERM: "you may not write there, or the file is open in another program",
    errno.ENOENT: "its folder is gone",
}


@contextlib.contextmanager
def replacing(target: Path, *, before_rename: Callable[[], None]) -> Iterator[BinaryIO]:
    """A new file that becomes ``target`` when the block ends well; else nothing happened, as when both are equal.

    A crash at any moment leaves either the old or the new file, whole. Symbolic links stay links; mode and
    owner stay as they were. ``before_rename`` is the last chance to raise. Raises SheetNotWritten.
    """
    real = Path(os.path.realpath(target))
    with _in_words(target):
        _sweep(real)
        descriptor, name = tempfile.mkstemp(dir=real.parent, prefix=f".{real.name}.", suffix=".part")
    part = Path(name)
    try:
        with _in_words(target), os.fdopen(descriptor, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        with _in_words(target):
            if real.is_file() and filecmp.cmp(part, real, shallow=False):
                return
            _keep_rights(real, part)
            before_rename()
            part.replace(real)
            sync_folder(real.parent)
    finally:
        part.unlink(missing_ok=True)


def keep_backup(target: Path) -> None:
    """The file as it was before batchgen ever wrote to it, kept once as ``<name>.bak``."""
    backup = target.with_name(target.name + ".bak")
    if not target.exists() or backup.exists():
        return
    part = backup.with_name(f".{backup.name}.part")
    shutil.copy2(target, part)
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(backup)


def refuse_open_elsewhere(target: Path) -> None:
    """Raise SheetNotWritten when Excel or LibreOffice has the file open (their lock files say so)."""
    for lock, program in ((f"~${target.name}", "Excel"), (f".~lock.{target.name}#", "LibreOffice")):
        path = target.with_name(lock)
        if path.exists():
            raise SheetNotWritten(
                target,
                f"it is open in {program}{_by_whom(path)}. Close it there and run again "
                f"(if nobody has it open, delete {lock})",
            )


def refuse_changed(path: Path, digest: str) -> None:
    """Raise SheetChanged when the file's bytes are no longer those of this sha256."""
    try:
        with path.open("rb") as file:
            now = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SheetChanged(path, "it was moved, deleted or locked since it was read") from error
    if now != digest:
        raise SheetChanged(path, "it was changed since it was read")


def _by_whom(lock: Path) -> str:
    """The name in a lock file: Excel's starts with its length, LibreOffice's is a comma-separated line."""
    try:
        data = lock.read_bytes()
    except OSError:
        return ""
    if lock.name.startswith("~$"):
        name = data[1 : 1 + data[0]].decode("cp1252", "replace") if data else ""
    else:
        name = data.decode("utf-8", "replace").split(",")[0]
    name = "".join(character for character in name if character.isprintable()).strip()
    return f" by {name}" if name else ""


@contextlib.contextmanager
def _in_words(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = _REASONS.get(error.errno or 0) or error.strerror or str(error)
        raise SheetNotWritten(target, reason) from error


def _keep_rights(old: Path, new: Path) -> None:
    if not old.exists():
        umask = os.umask(0)
        os.umask(umask)
        new.chmod(0o666 & ~umask)
        return
    shutil.copymode(old, new)
    if hasattr(os, "chown"):
        status = old.stat()
        with contextlib.suppress(PermissionError):
            os.chown(new, status.st_uid, status.st_gid)


def _sweep(target: Path) -> None:
    """Remove part files that a killed process left here long ago."""
    for left in target.parent.glob(f".{_glob_escape(target.name)}.*.part"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > _LEFTOVER_AGE_S:
                left.unlink()


def _glob_escape(name: str) -> str:
    return "".join(f"[{character}]" if character in "*?[" else character for character in name)
