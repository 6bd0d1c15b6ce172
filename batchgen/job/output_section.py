"""[output] and [output.columns]: where files and results go, and what the sheet says about them."""

from __future__ import annotations

from pathlib import Path

from batchgen.errors import UsageError
from batchgen.fields import field_for_header, is_of_first_page, normal
from batchgen.job.address import check_files_url
from batchgen.job.result_columns import FILE_COLUMNS, HTML_COLUMN, MORE_COLUMNS, NEEDED_COLUMNS, RESULT_COLUMNS
from batchgen.job.sections import report_unknown
from batchgen.job.settings import DOWNLOADS, Output
from batchgen.job.table import Table

_DAY_S = 86_400


def read_output(table: Table, folder: Path) -> Output:
    """[output]."""
    plain = Output(folder=folder / "videos")
    download = table.choices("download", plain.download, DOWNLOADS)
    html = table.text("html")
    output = Output(
        folder=table.path("folder", folder) or plain.folder,
        filename=table.text("filename") or plain.filename,
        download=download,
        columns=_result_columns(table.table("columns"), download, has_html=html is not None),
        html=html or plain.html,
        files_url=_files_url(table),
        title_marker=table.flag("title_marker", plain.title_marker),
        report_every_s=table.number("report_every_s", plain.report_every_s, 1, _DAY_S),
    )
    if "video" not in output.download:
        table.problem("download", '"video" is missing.', "The video itself is always fetched: add it to the list.")
    if not output.folder.name:
        table.problem("folder", "cannot be the root of the disk.", "Name a folder.", output.folder)
    report_unknown(table)
    return output


def _result_columns(table: Table, download: tuple[str, ...], *, has_html: bool) -> dict[str, str]:
    by_itself = {*RESULT_COLUMNS, HTML_COLUMN} if has_html else {*RESULT_COLUMNS}
    headers = {name: _header(table, name, name in by_itself) for name in (*RESULT_COLUMNS, *MORE_COLUMNS)}
    columns = {name: header for name, header in headers.items() if header is not None}
    _refuse_shared_headers(table, columns)
    _refuse_files_not_fetched(table, columns, download)
    for name in NEEDED_COLUMNS:
        if name not in columns:
            hint = "By it a lost ledger is noticed before rows are paid twice. Give it another header instead."
            table.problem(name, "cannot be left out.", hint)
            columns[name] = name
    report_unknown(table)
    return columns


def _header(table: Table, name: str, by_itself: bool) -> str | None:
    """The header of a column: its own name, or another one; None when it is not written."""
    if isinstance(table.values.get(name), bool):
        return name if table.flag(name, by_itself) else None
    return table.text(name) or (name if by_itself else None)


def _refuse_shared_headers(table: Table, columns: dict[str, str]) -> None:
    taken: dict[str, str] = {}
    for name, header in columns.items():
        other = taken.setdefault(normal(header), name)
        if other != name:
            table.problem(name, f'"{header}" is already the column of {other}.', "Use another header.")
        if (field := field_for_header(header)) is not None and is_of_first_page(field):
            table.problem(name, f'"{header}" is a request field.', "Use another header.")


def _refuse_files_not_fetched(table: Table, columns: dict[str, str], download: tuple[str, ...]) -> None:
    for name, kind in FILE_COLUMNS.items():
        if name in columns and kind not in download and kind != "video":
            table.problem(name, f"there is no such file, because {kind} is not fetched.", f'Add "{kind}" to download.')


def _files_url(table: Table) -> str | None:
    text = table.text("files_url")
    if text is None:
        return None
    try:
        return check_files_url(text)
    except UsageError as exc:
        table.problem("files_url", str(exc))
        return None
