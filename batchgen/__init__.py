"""batchgen: rows of a spreadsheet become videos, safely.

The public Python API. Everything here is imported when it is first used, so ``import batchgen`` costs nothing::

    from batchgen import build_rows, load_job, make_plan, read_sheet

    job = load_job(Path("welcome/job.toml"))
    built = build_rows(job, read_sheet(job.sheet, tab=job.tab, header_row=job.header_row))
    plan = make_plan(job, built, known={})

    job = Job.from_frame(df, name="welcome", folder="welcome", id="customer_id", request={...})
    results_of(job)  # after ``batchgen run welcome``
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from batchgen.errors import BatchgenError, InvalidInput, Problem
    from batchgen.frames import results_of
    from batchgen.job import Job, load_job
    from batchgen.ledger import Ledger, Queries, Status
    from batchgen.plan import Plan, make_plan
    from batchgen.price import Estimate, estimate
    from batchgen.report import Summary, summarize, write_report
    from batchgen.request import Built, VideoRequest, build_rows
    from batchgen.runner import work_through
    from batchgen.sheet import Sheet, read_sheet, write_results
    from batchgen.sheet.frame import results_frame, sheet_from_frame
    from batchgen.video_api import FileHost, VideoApi

__all__ = [
    "BatchgenError",
    "Built",
    "Estimate",
    "FileHost",
    "InvalidInput",
    "Job",
    "Ledger",
    "Plan",
    "Problem",
    "Queries",
    "Sheet",
    "Status",
    "Summary",
    "VideoApi",
    "VideoRequest",
    "build_rows",
    "estimate",
    "load_job",
    "make_plan",
    "read_sheet",
    "results_frame",
    "results_of",
    "sheet_from_frame",
    "summarize",
    "work_through",
    "write_report",
    "write_results",
]

_ROOMS = (
    "errors",
    "job",
    "sheet",
    "sheet.frame",
    "request",
    "price",
    "plan",
    "ledger",
    "video_api",
    "report",
    "runner",
    "frames",
)


def __getattr__(name: str) -> Any:
    if name in __all__:
        for room in _ROOMS:
            module = import_module(f"batchgen.{room}")
            if hasattr(module, name):
                return getattr(module, name)
    raise AttributeError(f"module 'batchgen' has no attribute {name!r}")
