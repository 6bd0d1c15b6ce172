"""The secrets that messages are held against, as they are right now."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from batchgen.errors import FileProblem
from batchgen.listen.kept import Kept, read_kept


@dataclass(frozen=True, kw_only=True)
class SecretsInUse:
    """``of_endpoint`` gives those that may have signed a message; ``of_callbacks`` are those in paths."""

    of_endpoint: Callable[[], tuple[str, ...]] = tuple
    of_callbacks: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class GivenSecret:
    """The secret of an endpoint that a person registered."""

    secret: SecretStr

    def __call__(self) -> tuple[str, ...]:
        return (self.secret.get_secret_value(),)


class KeptSecrets:
    """The secrets of a kept endpoint. Its file may change under us: ``batchgen listen --rotate`` runs elsewhere."""

    def __init__(self, file: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._file = file
        self._clock = clock
        self._read_at_version: int | None = None
        self._kept: Kept | None = None

    def __call__(self) -> tuple[str, ...]:
        try:
            version = self._file.stat().st_mtime_ns
            if version != self._read_at_version:
                self._kept, self._read_at_version = read_kept(self._file), version
        except (FileNotFoundError, FileProblem):
            self._kept, self._read_at_version = None, None
        return () if self._kept is None else self._kept.good_at(self._clock())
