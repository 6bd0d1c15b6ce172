"""Which extracts are still as they were written: those may be replaced, what a person has worked on is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

import orjson

from batchgen.job import Job


def is_untouched(job: Job, file: Path) -> bool:
    """Whether this job wrote the file, and nobody changed it since."""
    return (digest := _written(job).get(_name(file))) is not None and digest == _digest(file)


def remember_extract(job: Job, file: Path) -> None:
    """Note what was just written. Where that cannot be kept, the file counts as a person's own from now on."""
    written = {name: digest for name, digest in _written(job).items() if Path(name).exists()}
    memory = _memory(job)
    with suppress(OSError):
        memory.parent.mkdir(parents=True, exist_ok=True)
        part = memory.with_name(f"{memory.name}.part")
        part.write_bytes(orjson.dumps(written | {_name(file): _digest(file)}))
        part.replace(memory)


def free_name(job: Job, stem: str) -> Path:
    """The first of ``stem.xlsx``, ``stem-2.xlsx``, … in the working directory that the job may write."""
    return next(file for file in _names(stem) if not is_own_sheet(job, file) and _may_be_written(job, file))


def is_own_sheet(job: Job, file: Path) -> bool:
    """Whether the job reads the file, or writes its results into it."""
    return file.resolve() in (job.sheet.resolve(), job.results.resolve())


def _names(stem: str) -> Iterator[Path]:
    yield Path(f"{stem}.xlsx")
    yield from (Path(f"{stem}-{number}.xlsx") for number in count(2))


def _may_be_written(job: Job, file: Path) -> bool:
    return not file.exists() or is_untouched(job, file)


def _memory(job: Job) -> Path:
    return job.state_folder / f"{job.ledger_stem}.extracts.json"


def _written(job: Job) -> dict[str, str]:
    """Full path → sha256 (hex) of the extracts."""
    try:
        kept = orjson.loads(_memory(job).read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _name(file: Path) -> str:
    return str(file.resolve())


def _digest(file: Path) -> str | None:
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:
        return None
