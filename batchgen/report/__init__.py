"""The report: result columns in the user's own sheet, and the summary."""

from batchgen.report.cells import usd
from batchgen.report.earlier import earlier_videos
from batchgen.report.failed import made_by_write_failed, write_failed
from batchgen.report.memory import remember_renamed
from batchgen.report.summary import Summary, gone_rows, problems_of, summarize
from batchgen.report.write import Reported, cells_of, results_file, write_report

__all__ = [
    "Reported",
    "Summary",
    "cells_of",
    "earlier_videos",
    "gone_rows",
    "made_by_write_failed",
    "problems_of",
    "remember_renamed",
    "results_file",
    "summarize",
    "usd",
    "write_failed",
    "write_report",
]
