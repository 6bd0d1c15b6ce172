"""Some of the sheet's rows as a file of their own: their columns as they were, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from batchgen.job import Job
from batchgen.ledger import Status
from batchgen.plan import PlanWord
from batchgen.report.accounts import Account, Word
from batchgen.report.cells import usd
from batchgen.sheet import CellValue, Sheet, SheetRow, has_column, write_extract


class Extract(StrEnum):
    """Which rows. Those under way are in none of them: run as a job of their own, they would be paid twice."""

    FAILED = "failed"
    SUCCEEDED = "succeeded"
    UNPROCESSED = "unprocessed"


WORDS: dict[Extract, frozenset[Word]] = {
    Extract.FAILED: frozenset({Status.FAILED, PlanWord.INVALID}),
    Extract.SUCCEEDED: frozenset({Status.SUCCEEDED}),
    Extract.UNPROCESSED: frozenset(
        {PlanWord.NEW, PlanWord.FILTERED, PlanWord.UNAPPROVED, Status.PENDING, Status.CANCELLED}
    ),
}

COLUMNS: dict[Extract, tuple[str, ...]] = {
    Extract.FAILED: ("problem",),
    Extract.SUCCEEDED: ("video file", "video seconds", "video USD", "video id", "video page", "video finished at"),
    Extract.UNPROCESSED: ("not sent because",),
}
"""What comes after the person's own columns; the last one tells a file of ours from one of theirs."""


@dataclass(frozen=True)
class Extracts:
    """The rows of one sheet, ready to be written in parts."""

    job: Job
    sheet: Sheet
    accounts: Sequence[Account]

    def write(self, extract: Extract, target: Path) -> int:
        """Write the rows of ``extract`` to ``target`` (.csv or .xlsx); how many there are.

        A job that reads the sheet can read the file. Nothing is written when there is none. Raises ``SheetNotWritten``.
        """
        accounts = {account.number: account for account in self.accounts if self._belongs(extract, account)}
        rows = [row for row in self.sheet.rows if row.number in accounts]
        if rows:
            kept = self._own_columns()
            headers = [*(self.sheet.headers[place] for place in kept), *COLUMNS[extract]]
            lines = ([*_cells(row, kept), *self._told(extract, accounts[row.number])] for row in rows)
            write_extract(target, headers, lines, tab=self.job.tab, header_row=self.job.header_row)
        return len(rows)

    def _belongs(self, extract: Extract, account: Account) -> bool:
        """A row with a video that cannot be sent any more is to be mended, too: it keeps the others from being sent."""
        mend = extract is Extract.FAILED and account.invalid
        return mend or account.word in WORDS[extract]

    def _own_columns(self) -> list[int]:
        ours = {*self.job.output.columns.values(), *(name for names in COLUMNS.values() for name in names)}
        headers = enumerate(self.sheet.headers)
        return [place for place, header in headers if header.strip() and header not in ours]

    def _told(self, extract: Extract, account: Account) -> list[CellValue]:
        result = account.result
        if extract is not Extract.SUCCEEDED or result is None:
            return [account.note]
        return [
            str(self.job.output.folder / result.path) if result.path else None,
            round(result.duration_s, 2) if result.duration_s is not None else None,
            usd(result.cost_microusd) if result.cost_microusd is not None else None,
            result.video_id,
            None if self.job.simulated else result.page_url,
            datetime.fromtimestamp(int(result.updated_at)),  # noqa: DTZ006  # the person's own clock
        ]


def made_as_extract(file: Path, extract: Extract, job: Job) -> bool:
    """Whether an existing file is one that was made here, and not one of the person's own."""
    return has_column(file, COLUMNS[extract][-1:], tab=job.tab, header_row=job.header_row)


def _cells(row: SheetRow, places: list[int]) -> list[str]:
    return [row.cells[place] for place in places]
