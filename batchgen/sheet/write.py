"""Bring results home into the user's own file: nothing else in it changes, and it is never half written."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from batchgen.errors import SheetChanged, SheetInvalid, SheetNotWritten
from batchgen.sheet.columns import Cells
from batchgen.sheet.csv_patch import NotRepresentable, patch_csv
from batchgen.sheet.ours import NOT_OURS, has_column
from batchgen.sheet.read import Kind, kind_of, open_sheet, read_sheet
from batchgen.sheet.replace_file import keep_backup, refuse_changed, refuse_open_elsewhere, replacing
from batchgen.sheet.results_workbook import write_results_workbook
from batchgen.sheet.sheet import CellValue, Written
from batchgen.sheet.xlsx_patch import patch_xlsx
from batchgen.sheet.zip_patch import NotPatchable


def write_results(
    source: Path,
    target: Path,
    *,
    tab: str | None,
    header_row: int,
    columns: Sequence[str],
    cells: Mapping[int, Mapping[str, CellValue]],
    expect_digest: str,
) -> Written:
    """Copy ``source`` to ``target`` (usually the same file) with result columns filled in; all else as it was.

    ``cells`` maps row numbers, as read, to column → value. Columns are found by header or appended. Atomic:
    after a crash the target is the old or the new file, whole. When the format cannot take results safely,
    they go to ``<stem>.results.xlsx`` beside the target and the answer says why (a file of that name that is the
    person's own, without a result column, is left alone: SheetNotWritten). The first change of a file
    keeps it as ``<name>.bak``; a target that holds all of this already is not touched. Raises SheetChanged when the
    bytes of ``source`` are no longer those of ``expect_digest``, SheetNotWritten when the target is open elsewhere or
    cannot be written, and does not hold the results already.
    """
    job = _Writing(source, target, tab, header_row, columns, cells, expect_digest)
    try:
        with _unchanged(source, expect_digest) as file:
            return job.into_own_kind(file)
    except (NotPatchable, NotRepresentable) as reason:
        return job.into_new_workbook(f"{source.name} was left as it is: {reason}.")


def results_workbook_of(target: Path) -> Path:
    """Where results go when the target itself cannot take them."""
    return target.with_name(f"{target.stem}.results.xlsx")


def takes_results(path: Path) -> bool:
    """Whether the file is there and of a kind that results can be written into; ``.ods`` and ``.xls`` are not."""
    try:
        with open_sheet(path) as file:
            return kind_of(file, path) in (Kind.TEXT, Kind.XLSX)
    except SheetInvalid:
        return False


def _unchanged(source: Path, digest: str) -> BufferedReader:
    try:
        file = source.open("rb")
    except OSError as error:
        raise SheetChanged(source, "it was moved, deleted or locked since it was read") from error
    if hashlib.file_digest(file, "sha256").hexdigest() != digest:
        file.close()
        raise SheetChanged(source, "it was changed since it was read")
    file.seek(0)
    return file


def _holds_already(target: Path, write: Callable[[BinaryIO], object]) -> bool:
    """Whether a target that cannot be written needs no writing: it is what would be written, byte for byte."""
    with suppress(OSError), tempfile.TemporaryFile() as new:
        write(new)
        new.seek(0)
        with target.open("rb") as there:
            return hashlib.file_digest(new, "sha256").digest() == hashlib.file_digest(there, "sha256").digest()
    return False


class _Writing:
    """One write-back; everything that it needs to know."""

    def __init__(
        self,
        source: Path,
        target: Path,
        tab: str | None,
        header_row: int,
        columns: Sequence[str],
        cells: Cells,
        digest: str,
    ) -> None:
        self._source = source
        self._target = target
        self._tab = tab
        self._header_row = header_row
        self._columns = columns
        self._cells = cells
        self._digest = digest

    def into_own_kind(self, file: BufferedReader) -> Written:
        match kind_of(file, self._source):
            case Kind.XLSX:
                return self._replace(self._target, lambda new: self._patch_xlsx(file, new))
            case Kind.TEXT:
                data = patch_csv(
                    file.read(), self._source, header_row=self._header_row, columns=self._columns, cells=self._cells
                )
                return self._replace(self._target, lambda new: new.write(data))
            case Kind.ODS | Kind.XLS as kind:
                raise NotPatchable(f"results cannot be written into .{kind.value} files")

    def into_new_workbook(self, reason: str) -> Written:
        target = results_workbook_of(self._target)
        if target.exists() and not has_column(target, self._columns):
            raise SheetNotWritten(target, f"{NOT_OURS}. ({reason.rstrip('.')})")
        sheet = read_sheet(self._source, tab=self._tab, header_row=self._header_row)
        written = self._replace(target, lambda new: write_results_workbook(new, sheet, self._columns, self._cells))
        return Written(written.path, reason)

    def _patch_xlsx(self, file: BinaryIO, new: BinaryIO) -> None:
        patch_xlsx(
            file,
            new,
            self._source,
            tab=self._tab,
            header_row=self._header_row,
            columns=self._columns,
            cells=self._cells,
        )

    def _replace(self, target: Path, write: Callable[[BinaryIO], object]) -> Written:
        try:
            refuse_open_elsewhere(target)
            with replacing(target, before_rename=lambda: self._last_checks(target)) as new:
                write(new)
        except SheetChanged:
            raise
        except SheetNotWritten:
            if not _holds_already(target, write):
                raise
        return Written(target)

    def _last_checks(self, target: Path) -> None:
        refuse_open_elsewhere(target)
        refuse_changed(self._source, self._digest)
        if target == self._source:
            keep_backup(target)
