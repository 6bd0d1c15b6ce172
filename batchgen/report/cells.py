"""What the result columns of one row say."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote

from batchgen.job import FILE_COLUMNS, HTML_COLUMN, LINK_COLUMNS, Job
from batchgen.ledger import Result, Status
from batchgen.plan import PlanWord
from batchgen.price import MICRO
from batchgen.sheet import CellValue

CHANGED_NOTE = "the row was edited after this video was ordered"
INVALID_NOTE = "the row cannot be sent as it is now"


def result_cells(job: Job, result: Result, *, changed: bool, html: str | None = None) -> dict[str, CellValue]:
    """The cells of a row that the ledger knows, by the headers that the sheet uses; ``html`` is its snippet."""
    note = with_remark(result.note, CHANGED_NOTE if changed and was_ordered(result) else "")
    has_video = result.status is Status.SUCCEEDED
    values: dict[str, CellValue] = {
        "video_status": str(result.status),
        "video_id": result.video_id,
        "video_page": None if job.simulated else result.page_url,  # a simulated page ends with its run
        "video_duration_s": round(result.duration_s, 2) if result.duration_s is not None else None,
        "video_cost_usd": usd(result.cost_microusd) if result.cost_microusd is not None else None,
        "video_note": note or None,
        "video_updated_at": datetime.fromtimestamp(int(result.updated_at)),  # noqa: DTZ006  # the person's own clock
        HTML_COLUMN: html,
    }
    if has_video:
        values |= {column: file_place(job, stored_path(result, kind)) for column, kind in FILE_COLUMNS.items()}
    if (details := result.details) is not None:
        values |= {"video_title": details.title, "video_folder": details.folder_id}
        if has_video and not job.simulated:  # simulated links end with their run, too
            values |= {column: details.links.get(kind) for column, kind in LINK_COLUMNS.items()}
    return _written(job, values)


def invalid_cells(
    job: Job, message: str, result: Result | None = None, *, html: str | None = None
) -> dict[str, CellValue]:
    """The cells of a row that cannot be sent as it is, with what the ledger knows of it besides.

    Where something was ordered for it, or it was given up, that counts, and the message comes after it.
    """
    if result is None:
        return _written(job, {"video_status": str(PlanWord.INVALID), "video_note": message})
    if result.status is Status.PENDING:
        told = result_cells(job, replace(result, note=message), changed=False)
        return told | {job.output.columns["video_status"]: str(PlanWord.INVALID)}
    remark = f"{INVALID_NOTE}: {message}"
    return result_cells(job, replace(result, note=with_remark(result.note, remark)), changed=False, html=html)


def was_ordered(result: Result) -> bool:
    """Whether there is a video, or may be one, that a later edit of the row does not change."""
    return result.status.live and result.status is not Status.PENDING


def with_remark(note: str, remark: str) -> str:
    """Both, where there are both."""
    return "; ".join(filter(None, (note, remark)))


def usd(microusd: int) -> float:
    """Micro-USD as dollars, to a hundredth of a cent."""
    return round(microusd / MICRO, 4)


def stored_path(result: Result, kind: str) -> str | None:
    """A stored file of a row, relative to the output folder."""
    if kind == "video":
        return result.path
    return result.details.files.get(kind) if result.details is not None else None


def file_place(job: Job, path: str | None) -> str | None:
    """Where a stored file is: its link when the folder is published, else its path as seen from the sheet."""
    if path is None:
        return None
    return file_link(job, path) or _seen_from_sheet(job, path)


def file_link(job: Job, path: str) -> str | None:
    """The link of a stored file where the job file says that the folder is published; what is simulated is not."""
    if job.output.files_url is None or job.simulated:
        return None
    return job.output.files_url + quote(path)


def _written(job: Job, values: Mapping[str, CellValue]) -> dict[str, CellValue]:
    """The values of the columns that the job writes, by their headers."""
    return {header: values.get(name) for name, header in job.output.columns.items()}


def _seen_from_sheet(job: Job, path: str) -> str:
    """With forward slashes."""
    file = job.output.folder / path
    try:
        return os.path.relpath(file, job.results.parent).replace(os.sep, "/")
    except ValueError:  # another drive on Windows
        return str(file)
