"""A job file (TOML), a folder that holds one, or a sheet alone → a checked `Job`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from batchgen.errors import JobInvalid, Problem, UsageError
from batchgen.fields import closest
from batchgen.job.address import check_ledger, check_link
from batchgen.job.job import STATE_FOLDER, Job
from batchgen.job.output_section import read_output
from batchgen.job.request_tables import read_columns, read_request
from batchgen.job.sections import (
    read_approve,
    read_budget,
    read_media,
    read_pacing,
    read_prices,
    read_provider,
    read_retry,
    read_submit,
    read_webhooks,
    report_unknown,
)
from batchgen.job.settings import Output
from batchgen.job.table import Table
from batchgen.job.toml import missing_file, parse_toml, read_text

SHEET_SUFFIXES = (".csv", ".tsv", ".xlsx", ".xlsm", ".ods", ".xls")
JOB_FILE = "job.toml"

_LONGEST_NAME = 100
_RESERVED_NAMES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


_SAYS_WHICH_ROWS = frozenset({"sheet", "tab", "header_row", "only_if"})


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A job file as far as it makes sense: in ``job`` every value that is wrong is replaced by its default."""

    job: Job
    problems: tuple[Problem, ...]
    rows_are_clear: bool
    """Whether the file says which rows take part, so that their problems can be told with those of the file."""


def load_job(path: Path) -> Job:
    """The job that ``path`` stands for. Raises JobInvalid with every problem there is."""
    draft = draft_job(path)
    if draft.problems:
        raise JobInvalid(draft.problems)
    return draft.job


def draft_job(path: Path) -> Draft:
    """The job that ``path`` stands for, and what is wrong with its file. Raises JobInvalid when that cannot be read."""
    path = path.absolute()
    if path.is_dir():
        path = path / JOB_FILE
    if not path.exists():
        raise JobInvalid([missing_file(path, (".toml", *SHEET_SUFFIXES))])
    if path.suffix.lower() in SHEET_SUFFIXES:
        return Draft(job=_job_of_sheet(path), problems=(), rows_are_clear=True)
    if path.suffix.lower() != ".toml":
        raise JobInvalid([_neither(path)])
    return _draft(path, parse_toml(path, read_text(path)))


def _job_of_sheet(path: Path) -> Job:
    return Job(
        name=_safe_name(path.stem),
        path=None,
        folder=path.parent,
        sheet=path.resolve(),
        results=path.resolve(),
        output=Output(folder=path.parent / "videos"),
    )


def job_of_values(path: Path, values: Mapping[str, Any]) -> Job:
    """The job of a job file at ``path`` that says ``values``. Raises JobInvalid with every problem there is."""
    draft = _draft(path, values)
    if draft.problems:
        raise JobInvalid(draft.problems)
    return draft.job


def _draft(path: Path, values: Mapping[str, Any]) -> Draft:
    problems: list[Problem] = []
    folder = path.parent
    top = Table(values=values, problems=problems)
    name = _name(top, path)
    link = _link(top)
    sheet = folder / STATE_FOLDER / f"{name}.sheet.csv" if link else _sheet(top, folder)
    job = Job(
        name=name,
        path=path,
        folder=folder,
        sheet=sheet,
        sheet_link=link,
        results=folder / f"{name}.results.csv" if link else sheet,
        tab=top.text("tab"),
        header_row=top.whole("header_row", 1, 1, 100_000),
        id_column=top.text("id"),
        only_if=top.text("only_if"),
        ledger=_ledger(top),
        request=read_request(top),
        columns=read_columns(top),
        output=read_output(top.table("output"), folder),
        pacing=read_pacing(top.table("pacing")),
        retry=read_retry(top.table("retry")),
        provider=read_provider(top.table("provider"), folder),
        prices=read_prices(top.table("price"), folder),
        budget=read_budget(top.table("budget")),
        approve=read_approve(top.table("approve")),
        webhooks=read_webhooks(top.table("webhooks"), folder),
        media=read_media(top.table("media"), folder),
        submit=read_submit(top.table("submit")),
    )
    report_unknown(top)
    return Draft(job=job, problems=tuple(problems), rows_are_clear=_rows_are_clear(top))


def _rows_are_clear(top: Table) -> bool:
    wrong = {problem.message.partition(":")[0] for problem in top.problems}
    misspelt = {closest(key, _SAYS_WHICH_ROWS) for key in top.unknown()}
    return _SAYS_WHICH_ROWS.isdisjoint(wrong | misspelt)


def _link(top: Table) -> str | None:
    """The link of a sheet that is on the web; None when ``sheet`` names a file."""
    value = top.values.get("sheet")
    if not isinstance(value, str) or "://" not in value:
        return None
    link = top.text("sheet") or ""
    try:
        return check_link(link)
    except UsageError as exc:
        top.problem("sheet", str(exc))
        return link


def _sheet(top: Table, folder: Path) -> Path:
    sheet = top.path("sheet", folder)
    if sheet is None:
        if "sheet" not in top.values:
            found = sorted(entry.name for entry in folder.iterdir() if entry.suffix.lower() in SHEET_SUFFIXES)
            hint = f'Write sheet = "{found[0] if found else "customers.xlsx"}" at the top of the job file.'
            top.problem("sheet", "is missing.", hint)
        return folder
    if sheet.suffix.lower() not in SHEET_SUFFIXES:
        top.problem("sheet", f"{sheet.name} is no {_suffixes()} file.", "Save it as .xlsx or .csv.", sheet.name)
    return sheet


def _name(top: Table, path: Path) -> str:
    name = top.text("name")
    if name is None:
        return _safe_name(path.stem)
    safe = _safe_name(name)
    if safe != name:
        hint = f'Use letters, digits, "-", "_" and ".", for example "{safe}".'
        top.problem("name", "cannot be a file name as it is.", hint, name)
    return safe


def _safe_name(name: str) -> str:
    """``name`` itself when ledger and files can be called so, else the nearest name that can."""
    kept = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in name)
    kept = kept[:_LONGEST_NAME].strip(".") or "job"
    # "<name>.simulated" is what the simulated world of <name> is called.
    if kept.lower().endswith(".simulated"):
        kept = kept[: -len(".simulated")] + "-simulated"
    return f"{kept}-job" if _RESERVED_NAMES.fullmatch(kept) else kept


def _ledger(top: Table) -> str | None:
    url = top.text("ledger")
    if url is None:
        return None
    try:
        check_ledger(url)
    except UsageError as error:
        top.problem("ledger", str(error))
    return url


def _neither(path: Path) -> Problem:
    message = f"{path.name} is neither a job file (.toml) nor a sheet ({_suffixes()})."
    return Problem(message=message, hint="Save the sheet as .xlsx or .csv.")


def _suffixes() -> str:
    return ", ".join(SHEET_SUFFIXES)
