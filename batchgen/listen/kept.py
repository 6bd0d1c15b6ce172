"""What has to be kept of webhooks: the secret that the provider tells only once, and a job's own callback secret.

Files of the state folder that only their owner may read. A secret that a person gives (environment, key file) is never
written down. What the kept ones are good for: to make a run look at its videos, and nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import orjson

from batchgen.durable import sync_folder
from batchgen.errors import FileProblem

CALLBACK_BYTES = 24  # 192 bits


@dataclass(frozen=True, kw_only=True)
class Kept:
    """An endpoint that we registered. The times are unix seconds."""

    url: str
    endpoint_id: str
    secret: str = field(repr=False)
    older_secret: str = field(default="", repr=False)
    """Good until ``older_until``: messages that are on their way were signed with it."""
    older_until: float = 0.0
    changing: bool = False
    """A new secret was asked for, and its answer is not here yet: ``secret`` may be worth nothing."""
    for_a_run: bool = False
    """Made for the time of a run, which removes it at its end."""

    def good_at(self, now: float) -> tuple[str, ...]:
        """The secrets that may have signed a message that comes now. None is empty: anybody could sign with that."""
        secrets = (self.secret, self.older_secret) if now < self.older_until else (self.secret,)
        return tuple(secret for secret in secrets if secret)


def kept_file(state_folder: Path, *, provider: str, url: str) -> Path:
    """Where an endpoint is kept: one file for each address at each provider."""
    digest = hashlib.sha256(orjson.dumps([provider, url])).hexdigest()
    return state_folder / f"webhook-{digest[:12]}.json"


def read_kept(file: Path) -> Kept | None:
    """What is kept there; None when it is nothing, or nothing that makes sense."""
    try:
        return Kept(**orjson.loads(file.read_bytes()))
    except FileNotFoundError:
        return None
    except (orjson.JSONDecodeError, TypeError):
        return None  # asked for anew at the provider
    except OSError as error:
        raise FileProblem(f"{file} cannot be read: {error}.") from error


def keep(file: Path, kept: Kept) -> None:
    """Write it down, whole or not at all; durable when it returns."""
    with _problems(file):
        part = _private(file, orjson.dumps(asdict(kept)))
        part.replace(file)
        sync_folder(file.parent)


def forget(file: Path) -> None:
    """Nothing is kept there any more."""
    with _problems(file):
        file.unlink(missing_ok=True)


def callback_secret(state_folder: Path, job: str) -> str:
    """The secret in the address that a job's requests name; made once, and the same for every run and listener."""
    file = state_folder / f"{job}.callback-secret"
    with _problems(file):
        if not file.exists():
            part = _private(file, secrets.token_urlsafe(CALLBACK_BYTES).encode())
            with contextlib.suppress(FileExistsError):  # somebody else was faster: theirs counts
                os.link(part, file)
            part.unlink()
            sync_folder(file.parent)
        return file.read_text(encoding="ascii").strip()


def _private(file: Path, content: bytes) -> Path:
    """A part file beside ``file``, on disk, for its owner alone."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    return part


@contextmanager
def _problems(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FileProblem(f"{file} cannot be written: {error}.") from error
