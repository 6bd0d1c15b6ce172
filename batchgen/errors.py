"""Everything that can go wrong, as one tree.

    BatchgenError
    ├── InvalidInput              the job file, the sheet or rows are wrong; carries every problem at once
    │   ├── JobInvalid
    │   ├── SheetInvalid
    │   ├── RowsInvalid
    │   └── PlanRefused           a sealed plan is not carried out; carries everything that changed
    ├── UsageError                the command cannot be carried out as typed
    │   └── KeyMissing
    ├── MediaRefused              a local picture or recording cannot be used
    ├── FileChanged               ... because it is no longer the one that the rows were read with
    ├── PriceUnknown              no price table knows this kind of video
    ├── SheetNotWritten           results could not go into the user's file
    │   └── SheetChanged          ... because it changed since it was read; read again and retry
    ├── ApiError                  a read from the provider gave no usable answer
    │   ├── ApiUnavailable        ... right now
    │   ├── ApiRefused            ... and waiting will not change that
    │   ├── LinkExpired           a download link has to be asked for anew
    │   ├── UploadExpired         the place for an upload is gone; it has to begin anew
    │   └── DownloadFailed        a file did not arrive whole
    ├── FileProblem               a file of ours (a video, a part file) could not be written
    └── LedgerError
        ├── JobHeld               another run holds the job
        ├── WrongProvider         the ledger belongs to another provider
        ├── EventRefused          the entry is not in a state that this event may change
        └── LedgerUnavailable     the database cannot be opened, read or written

Room-private outcomes (what a create call led to, say) are values, not exceptions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing that is wrong, told to the person at the sheet.

    ``row`` is the number that their spreadsheet program shows, ``column`` the header as they wrote it.
    """

    message: str
    hint: str = ""
    row: int | None = None
    id: str | None = None
    column: str | None = None
    value: str | None = None

    def __str__(self) -> str:
        return " ".join(part for part in (self.place and f"{self.place}:", self.message, self.hint) if part)

    @property
    def place(self) -> str:
        """Where it is, e.g. ``Row 14 (id A-17), column "voice"``; empty when it concerns the whole file."""
        places = []
        if self.row is not None:
            places.append(f"Row {self.row}" + (f" (id {self.id})" if self.id else ""))
        if self.column is not None:
            places.append(f'column "{" ".join(self.column.split())}"')  # a header may have several lines
        place = ", ".join(places)
        return place[:1].upper() + place[1:]


@dataclass(frozen=True, kw_only=True, slots=True)
class Doubt:
    """What stops nothing but deserves a look: one kind of thing, told once, with every row that has it.

    ``kind`` is a word for programs. ``rows`` are numbers as the spreadsheet program shows them, in order; none when
    it concerns the whole sheet. ``example`` is what one of the rows says.
    """

    kind: str
    message: str
    hint: str = ""
    rows: tuple[int, ...] = ()
    example: str = ""

    def __str__(self) -> str:
        example = self.example and f"For example: {self.example}"
        told = " ".join(part for part in (self.message, self.hint, example) if part)
        return f"{rows_named(self.rows)}: {told}" if self.rows else told

    def facts(self) -> dict[str, object]:
        """For programs; of very many rows the first thousand are listed, and all are counted."""
        return {
            "kind": self.kind,
            "message": self.message,
            "hint": self.hint,
            "rows": self.rows[:MOST_ROWS_LISTED],
            "row_count": len(self.rows),
            "example": self.example,
        }


MOST_ROWS_LISTED = 1_000
_MOST_STRETCHES = 6  # of row numbers in one line


def rows_named(numbers: Sequence[int]) -> str:
    """``Row 2``, ``Rows 2-5, 9``, ``Rows 2, 4, 6, 8, 10, 12 and 97 more``; ``numbers`` are in order."""
    stretches: list[list[int]] = []
    for number in numbers:
        if stretches and number == stretches[-1][-1] + 1:
            stretches[-1][1:] = [number]
        else:
            stretches.append([number])
    shown = stretches[:_MOST_STRETCHES]
    more = len(numbers) - sum(stretch[-1] - stretch[0] + 1 for stretch in shown)
    listed = ", ".join("-".join(map(str, stretch)) for stretch in shown)
    return f"Row{'s' * (len(numbers) > 1)} {listed}{f' and {more:,} more' if more > 0 else ''}"


class BatchgenError(Exception):
    """Base of every error that batchgen raises on purpose; its text is meant for the user."""


class InvalidInput(BatchgenError):
    """The input is wrong; nothing was sent and nothing was written. ``add`` and ``instead`` as in `UsageError`."""

    def __init__(self, problems: Sequence[Problem], *, add: str = "", instead: str = "") -> None:
        self.problems = tuple(problems)
        self.add = add
        self.instead = instead
        super().__init__("\n".join(map(str, self.problems)))


class JobInvalid(InvalidInput):
    """The job file cannot be used as it is."""


class SheetInvalid(InvalidInput):
    """The sheet cannot be read, or its header row does not make sense."""


class RowsInvalid(InvalidInput):
    """Some rows cannot be made into requests."""


class PlanRefused(InvalidInput):
    """A sealed plan is damaged, was used, or does not fit any more."""


class UsageError(BatchgenError):
    """The command cannot be carried out as it was typed.

    ``add`` is what it lacks, e.g. ``--yes``; ``instead`` the command that would help, where that is another one.
    """

    def __init__(self, message: str, *, add: str = "", instead: str = "") -> None:
        self.add = add
        self.instead = instead
        super().__init__(message)


class KeyMissing(UsageError):
    """No API key was found, or the place that should hold it cannot be read."""


class MediaRefused(BatchgenError):
    """A picture, recording or video on this computer cannot be used; ``hint`` says what to do."""

    def __init__(self, message: str, hint: str) -> None:
        self.message = message
        self.hint = hint
        super().__init__(f"{message} {hint}")


class FileChanged(BatchgenError):
    """A local file is gone, or is no longer the one that was read with the rows; nothing of it was uploaded."""


class PriceUnknown(BatchgenError):
    """No price table names this engine, resolution or type of video."""


class SheetNotWritten(BatchgenError):
    """Results could not be written into the user's file; the ledger still has them."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path}: {reason}")


class SheetChanged(SheetNotWritten):
    """The file changed since it was read; reading it again and writing anew is safe."""


class FileProblem(BatchgenError):
    """A file that batchgen makes could not be written (disk full, no permission)."""


class LedgerError(BatchgenError):
    """The ledger refused or could not do what was asked."""


class JobHeld(LedgerError):
    """Another run holds the job."""


class WrongProvider(LedgerError):
    """The ledger belongs to another provider than the one this run would talk to."""


class EventRefused(LedgerError):
    """An event did not match the entry's state or owner; nothing was changed."""


class LedgerUnavailable(LedgerError):
    """The ledger's database cannot be opened, read or written."""


class ApiError(BatchgenError):
    """A read from the provider's API gave no usable answer. Reads are repeatable; creates never raise this.

    ``after_s``: for how many seconds the provider wants to be left alone.
    """

    after_s = 0.0


class ApiUnavailable(ApiError):
    """No usable answer right now; the same read may succeed later."""


class ApiThrottled(ApiUnavailable):
    """The provider can be reached, and was asked too often."""

    def __init__(self, message: str, after_s: float) -> None:
        self.after_s = after_s
        super().__init__(message)


ACCOUNT_REFUSALS = frozenset({"forbidden", "insufficient_api_key_scope", "phone_verification_required"})


class ApiRefused(ApiError):
    """The provider answered with an error that waiting does not change."""

    def __init__(self, status: int, code: str | None, message: str) -> None:
        self.status = status
        self.code = code
        self.message = message
        super().__init__(f"{code or f'HTTP {status}'}: {message}")

    @property
    def of_account(self) -> bool:
        """Whether the key or the account is refused, not this one thing."""
        return self.status == 401 or (self.status == 403 and self.code in ACCOUNT_REFUSALS)


class LinkExpired(ApiError):
    """A download link no longer works; asking for the video again gives a new one."""


class UploadExpired(ApiError):
    """The place that the provider gave for an upload takes nothing any more; a new one has to be asked for."""


class DownloadFailed(ApiError):
    """A file did not arrive whole; fetching it again may succeed."""
