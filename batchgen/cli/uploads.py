"""What a run would upload: the local files of rows to be sent that the provider does not have yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from batchgen.cli.world import provider_identity, reading_ledger
from batchgen.plan import Plan


@dataclass(frozen=True, kw_only=True, slots=True)
class ToUpload:
    """Distinct files, by their content, and their bytes."""

    files: int
    size_bytes: int

    @property
    def facts(self) -> dict[str, int]:
        """For programs."""
        return {"files": self.files, "bytes": self.size_bytes}


def to_upload(plan: Plan) -> ToUpload:
    """The files that a run of the plan would upload. Only reads."""
    needed = {digest for planned in plan.to_send for digest in planned.row.request.digests}
    missing = [plan.built.media[digest].size_bytes for digest in needed - _there(plan, needed)]
    return ToUpload(files=len(missing), size_bytes=sum(missing))


def _there(plan: Plan, needed: set[str]) -> frozenset[str]:
    """Those that the provider has, as far as the ledger knows."""
    if not needed:
        return frozenset()
    with reading_ledger(plan.job) as queries:
        return frozenset() if queries is None else queries.uploaded(provider_identity(plan.job))


def upload_lines(uploads: ToUpload) -> Iterator[str]:
    """The same in words; nothing when there is nothing to upload."""
    if uploads.files:
        files = f"{uploads.files:,} file{'s' * (uploads.files > 1)}"
        yield f"To upload: {files}, {size_text(uploads.size_bytes)}; each once, whatever the number of its rows"


def size_text(size: int) -> str:
    """``812 kB``, ``33.0 MB``."""
    return f"{size / 1e6:,.1f} MB" if size >= 1_000_000 else f"{max(1, round(size / 1e3)):,} kB"
