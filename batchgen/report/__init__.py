"""The report: result columns in the user's own sheet, and the summary."""

from batchgen.report.accounts import Account, accounts_of, counts_of
from batchgen.report.cells import usd
from batchgen.report.conflicts import in_the_way
from batchgen.report.earlier import earlier_videos
from batchgen.report.extracts import Extract, Extracts, made_as_extract
from batchgen.report.extracts_kept import free_name, is_own_sheet, is_untouched
from batchgen.report.figures import clock, cost, dollars, span, spread
from batchgen.report.memory import remember_renamed
from batchgen.report.pace import TYPICAL, RenderPace, learnt
from batchgen.report.page import refuse_not_ours, write_page
from batchgen.report.planned_rows import RowView, Totals, numbers_by_id, rows_as_json, totals_of, view_of, views_of
from batchgen.report.refused import without_refused
from batchgen.report.snippets import shown_results
from batchgen.report.summary import Summary, gone_rows, problems_of, summarize
from batchgen.report.write import Reported, cells_of, results_file, write_report

__all__ = [
    "TYPICAL",
    "Account",
    "Extract",
    "Extracts",
    "RenderPace",
    "Reported",
    "RowView",
    "Summary",
    "Totals",
    "accounts_of",
    "cells_of",
    "clock",
    "cost",
    "counts_of",
    "dollars",
    "earlier_videos",
    "free_name",
    "gone_rows",
    "in_the_way",
    "is_own_sheet",
    "is_untouched",
    "learnt",
    "made_as_extract",
    "numbers_by_id",
    "problems_of",
    "refuse_not_ours",
    "remember_renamed",
    "results_file",
    "rows_as_json",
    "shown_results",
    "span",
    "spread",
    "summarize",
    "totals_of",
    "usd",
    "view_of",
    "views_of",
    "without_refused",
    "write_page",
    "write_report",
]
