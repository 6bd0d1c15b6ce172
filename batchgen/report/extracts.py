"""Some of the sheet's rows as a file of their own: their columns as they were, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from batchgen.job import FILE_COLUMNS, MORE_COLUMNS, Job
from batchgen.ledger import Result, Status
from batchgen.plan import PlanWord
from batchgen.report.accounts import Account, Word
from batchgen.report.cells import file_link, result_cells, stored_path
from batchgen.report.extracts_kept import remember_extract
from batchgen.report.snippets import Snippets
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

LAST_COLUMN: dict[Extract, str] = {
    Extract.FAILED: "problem",
    Extract.SUCCEEDED: "video finished at",
    Extract.UNPROCESSED: "not sent because",
}
"""Comes last, and tells a file of ours from one of the person's own."""

OF_VIDEO = {
    "video_file": "video file",
    "video_duration_s": "video seconds",
    "video_cost_usd": "video USD",
    "video_id": "video id",
    "video_page": "video page",
}
"""Result columns → what they are called beside rows that succeeded; others keep the header that the job gives them."""


@dataclass(frozen=True)
class Extracts:
    """The rows of one sheet, ready to be written in parts."""

    job: Job
    sheet: Sheet
    accounts: Sequence[Account]

    @cached_property
    def _snippets(self) -> Snippets:
        return Snippets.of_sheet(self.job, self.sheet.headers)

    def write(self, extract: Extract, target: Path) -> int:
        """Write the rows of ``extract`` to ``target`` (.csv or .xlsx); how many there are.

        A job that reads the sheet can read the file. Nothing is written when there is none. Raises ``SheetNotWritten``.
        """
        accounts = {account.number: account for account in self.accounts if self._belongs(extract, account)}
        rows = [row for row in self.sheet.rows if row.number in accounts]
        if rows:
            kept = self._own_columns()
            own = (self.sheet.headers[place] for place in kept)
            headers = [*own, *self._columns(extract).values(), LAST_COLUMN[extract]]
            lines = ([*_cells(row, kept), *self._told(extract, accounts[row.number], row)] for row in rows)
            write_extract(target, headers, lines, tab=self.job.tab, header_row=self.job.header_row)
            remember_extract(self.job, target)
        return len(rows)

    def _belongs(self, extract: Extract, account: Account) -> bool:
        """A row with a video that cannot be sent any more is to be mended, too: it keeps the others from being sent."""
        mend = extract is Extract.FAILED and account.invalid
        return mend or account.word in WORDS[extract]

    def _own_columns(self) -> list[int]:
        ours = {*self.job.output.columns.values(), *OF_VIDEO.values(), *LAST_COLUMN.values()}
        headers = enumerate(self.sheet.headers)
        return [place for place, header in headers if header.strip() and header not in ours]

    def _columns(self, extract: Extract) -> dict[str, str]:
        """The result columns that are told, and what they are called here: those of the job, but for its own state."""
        if extract is not Extract.SUCCEEDED:
            return {}
        columns = self.job.output.columns
        more = {name: columns[name] for name in MORE_COLUMNS if name in columns}
        return {name: called for name, called in OF_VIDEO.items() if name in columns} | more

    def _told(self, extract: Extract, account: Account, row: SheetRow) -> list[CellValue]:
        result = account.result
        if extract is not Extract.SUCCEEDED or result is None:
            return [account.note]
        cells = result_cells(self.job, result, changed=False, html=self._snippets.html(result, row))
        told = {name: cells[header] for name, header in self.job.output.columns.items()}
        told |= {name: self._from_anywhere(result, kind) for name, kind in FILE_COLUMNS.items()}
        finished = datetime.fromtimestamp(int(result.updated_at))  # noqa: DTZ006  # the person's own clock
        return [*(told[name] for name in self._columns(extract)), finished]

    def _from_anywhere(self, result: Result, kind: str) -> str | None:
        """A file's link, or its whole path: the extract may lie anywhere."""
        path = stored_path(result, kind)
        return None if path is None else file_link(self.job, path) or str(self.job.output.folder / path)


def made_as_extract(file: Path, extract: Extract, job: Job) -> bool:
    """Whether an existing file is one that was made here, and not one of the person's own."""
    return has_column(file, (LAST_COLUMN[extract],), tab=job.tab, header_row=job.header_row)


def _cells(row: SheetRow, places: list[int]) -> list[str]:
    return [row.cells[place] for place in places]
