"""What earlier results say already, before a run writes anything: those in the sheet, and those beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from batchgen.errors import InvalidInput
from batchgen.fields import normal
from batchgen.job import Job
from batchgen.ledger import Status
from batchgen.report.write import aside_of, is_aside
from batchgen.sheet import Sheet, has_column, read_sheet, results_workbook_of

SENT = frozenset(map(str, (Status.SUBMITTING, Status.IN_DOUBT, Status.RENDERING, Status.RENDERED, Status.SUCCEEDED)))


@dataclass(frozen=True, kw_only=True)
class EarlierVideos:
    """The rows that were sent by what results say → their video ids; empty: no id is there.

    Rows are known by id where results have a place of their own, which sorting the sheet does not change.
    """

    by_number: Mapping[int, str]
    by_id: Mapping[str, str]

    def of(self, row_id: str, number: int) -> str | None:
        """The video id of a row; None: nothing says that it was sent."""
        told = [video for video in (self.by_id.get(row_id), self.by_number.get(number)) if video is not None]
        return max(told, default=None)  # a video id rather than ""


def earlier_videos(job: Job) -> EarlierVideos:
    """Read the sheet's own result columns, the workbook of results, and what waits beside the sheet."""
    sheet = _read(job.results, tab=job.tab, header_row=job.header_row) if job.results.exists() else None
    found = list(_sent(job, sheet, id_column=None))
    if has_column(workbook := results_workbook_of(job.results), job.output.signs):
        found += _sent(job, _read(workbook), id_column=job.id_column)
    if is_aside(job, aside := aside_of(job)):
        found += _sent(job, _read(aside), id_column="id")
    return EarlierVideos(
        by_number={sent.number: sent.video_id for sent in found if sent.row_id is None},
        by_id={sent.row_id: sent.video_id for sent in found if sent.row_id is not None},
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sent:
    number: int
    row_id: str | None
    video_id: str


def _read(path: Path, *, tab: str | None = None, header_row: int = 1) -> Sheet | None:
    try:
        return read_sheet(path, tab=tab, header_row=header_row)
    except InvalidInput:
        return None


def _sent(job: Job, sheet: Sheet | None, *, id_column: str | None) -> Iterator[_Sent]:
    """The rows of a sheet that were sent by what it says; named by their ids where it has such a column."""
    names = [] if sheet is None else [normal(header) for header in sheet.headers]
    status, video = (normal(job.output.columns[name]) for name in ("video_status", "video_id"))
    if sheet is None or status not in names or video not in names:
        return
    of_status, of_video = names.index(status), names.index(video)
    of_id = names.index(normal(id_column)) if id_column and normal(id_column) in names else None
    for row in sheet.rows:
        video_id = row.cells[of_video].strip()
        if video_id or row.cells[of_status].strip() in SENT:
            row_id = None if of_id is None else row.cells[of_id].strip() or None
            yield _Sent(number=row.number, row_id=row_id, video_id=video_id)
