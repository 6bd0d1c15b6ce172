"""What the result columns of one row say."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime

from batchgen.job import Job
from batchgen.ledger import Result, Status
from batchgen.plan import PlanWord
from batchgen.price import MICRO
from batchgen.sheet import CellValue

CHANGED_NOTE = "the row was edited after this video was ordered"


def result_cells(job: Job, result: Result, *, changed: bool) -> dict[str, CellValue]:
    """The cells of a row that the ledger knows, by the headers that the sheet uses."""
    edited = changed and result.status.live
    note = "; ".join(part for part in (result.note, CHANGED_NOTE if edited else "") if part)
    has_video = result.status is Status.SUCCEEDED
    values: dict[str, CellValue] = {
        "video_status": str(result.status),
        "video_id": result.video_id,
        "video_page": None if job.simulated else result.page_url,  # a simulated page ends with its run
        "video_file": _file_cell(job, result) if has_video else None,
        "video_duration_s": round(result.duration_s, 2) if result.duration_s is not None else None,
        "video_cost_usd": usd(result.cost_microusd) if result.cost_microusd is not None else None,
        "video_note": note or None,
        "video_updated_at": datetime.fromtimestamp(int(result.updated_at)),  # noqa: DTZ006  # the person's own clock
    }
    return _renamed(job, values)


def invalid_cells(job: Job, message: str) -> dict[str, CellValue]:
    """The cells of a row that cannot be sent as it is."""
    values: dict[str, CellValue] = dict.fromkeys(job.output.columns)
    return _renamed(job, values | {"video_status": str(PlanWord.INVALID), "video_note": message})


def usd(microusd: int) -> float:
    """Micro-USD as dollars, to a hundredth of a cent."""
    return round(microusd / MICRO, 4)


def _renamed(job: Job, values: Mapping[str, CellValue]) -> dict[str, CellValue]:
    return {job.output.columns[name]: value for name, value in values.items()}


def _file_cell(job: Job, result: Result) -> str | None:
    """The video's path as seen from the sheet, with forward slashes."""
    if result.path is None:
        return None
    path = job.output.folder / result.path
    try:
        return os.path.relpath(path, job.results.parent).replace(os.sep, "/")
    except ValueError:  # another drive on Windows
        return str(path)
