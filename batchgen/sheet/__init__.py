"""One spreadsheet: cells in, result columns out. The user's file stays the user's.

Nothing heavy is imported here: the spreadsheet libraries are loaded where they are used.
"""

from __future__ import annotations

from batchgen.sheet.extract import write_extract
from batchgen.sheet.lookup_workbook import LookupList, write_lookup_workbook
from batchgen.sheet.ours import NOT_OURS, has_column
from batchgen.sheet.read import read_headers, read_sheet, read_stored
from batchgen.sheet.remote import fetch_sheet
from batchgen.sheet.sheet import CellFault, CellValue, Sheet, SheetRow, Written
from batchgen.sheet.write import results_workbook_of, takes_results, write_results

__all__ = [
    "NOT_OURS",
    "CellFault",
    "CellValue",
    "LookupList",
    "Sheet",
    "SheetRow",
    "Written",
    "fetch_sheet",
    "has_column",
    "read_headers",
    "read_sheet",
    "read_stored",
    "results_workbook_of",
    "takes_results",
    "write_extract",
    "write_lookup_workbook",
    "write_results",
]
