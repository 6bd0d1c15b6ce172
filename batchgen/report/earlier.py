"""What the result columns say already, before a run writes anything."""

from __future__ import annotations

from batchgen.errors import InvalidInput
from batchgen.fields import normal
from batchgen.job import Job
from batchgen.ledger import Status
from batchgen.sheet import read_sheet

SENT = frozenset(map(str, (Status.SUBMITTING, Status.IN_DOUBT, Status.RENDERING, Status.RENDERED, Status.SUCCEEDED)))


def earlier_videos(job: Job) -> dict[int, str]:
    """Row number → video id of the rows that were sent by what their result columns say; empty: no id is there."""
    if not job.results.exists():
        return {}
    try:
        sheet = read_sheet(job.results, tab=job.tab, header_row=job.header_row)
    except InvalidInput:
        return {}
    names = [normal(header) for header in sheet.headers]
    status, video = (normal(job.output.columns[name]) for name in ("video_status", "video_id"))
    if status not in names or video not in names:
        return {}
    cells = ((row.number, row.cells[names.index(status)], row.cells[names.index(video)]) for row in sheet.rows)
    return {number: video.strip() for number, status, video in cells if video.strip() or status.strip() in SENT}
