"""Ready-made jobs that people start from: a job file, and a sheet to fill in that is made from data.

A template is a folder with ``job.toml`` and ``sheet.toml``. The latter lists the columns of the example sheet;
what a request field means and which choices it has comes from the list of fields, so that the two never disagree.
Whatever else is in the folder, pictures and recordings, comes with the job as it is.
"""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from batchgen.errors import FileProblem, UsageError
from batchgen.fields import Field, Kind, closest
from batchgen.job import JOB_FILE, Job, load_job
from batchgen.row import map_headers, placeholder
from batchgen.sheet.new_workbook import NewColumn, example_rows, new_workbook

_SHEET_FILE = "sheet.toml"
_FLAGS = ("TRUE", "FALSE")


@dataclass(frozen=True, kw_only=True, slots=True)
class JobTemplate:
    """One ready-made job. ``summary`` completes "a job in which …"."""

    name: str
    summary: str
    folder: Path


def job_templates() -> tuple[JobTemplate, ...]:
    """All templates that come with batchgen, by name."""
    return tuple(_read_template(file.parent) for file in sorted(_root().glob(f"*/{_SHEET_FILE}")))


def find_template(name: str) -> JobTemplate:
    """The template of this name. Raises UsageError with what was probably meant."""
    templates = {template.name: template for template in job_templates()}
    if name in templates:
        return templates[name]
    meant = closest(name, templates)
    listed = f"There are: {', '.join(templates)}."
    raise UsageError(f'There is no template "{name}". ' + (f'Did you mean "{meant}"? {listed}' if meant else listed))


def start_job(template: JobTemplate, folder: Path) -> tuple[Path, ...]:
    """Write the template's job file, its sheet and its media into ``folder``, which is made when it is missing.

    Overwrites nothing: raises UsageError when one of the files is there already, FileProblem when the disk refuses;
    then no file is left of it.
    """
    try:
        made = _files(template)  # a workbook goes through temporary files
    except OSError as exc:
        raise _not_written(folder, exc) from exc
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; nothing was written. Name another folder.")
    files = {folder / name: content for name, content in made.items()}
    taken = [name for name in made if (folder / name).exists()]
    if taken:
        raise UsageError(f"{folder} already has {' and '.join(taken)}; nothing was written.")
    begun: list[Path] = []
    try:
        for file, content in files.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("xb") as new:
                begun.append(file)
                new.write(content)
    except OSError as exc:
        for file in begun:  # half a job would stand in the way of the next try
            file.unlink()
        raise _not_written(folder, exc) from exc
    return tuple(files)


def _not_written(folder: Path, error: OSError) -> FileProblem:
    return FileProblem(f"{error.filename or folder} cannot be written: {error.strerror}.")


def _root() -> Path:
    """Where the templates are: inside the installed package, or beside it in a source checkout."""
    package = Path(__file__).parent
    installed = package / "templates"
    return installed if installed.is_dir() else package.parent / "templates"


def _read_template(folder: Path) -> JobTemplate:
    return JobTemplate(name=folder.name, summary=_sheet_data(folder)["summary"], folder=folder)


def _sheet_data(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / _SHEET_FILE).read_text(encoding="utf-8"))


def _files(template: JobTemplate) -> dict[str, bytes]:
    """The files of a new job by name: the job file last, so that it never points to nothing."""
    job = load_job(template.folder)
    columns = tuple(_columns(job, _sheet_data(template.folder)["column"]))
    made = _csv(columns) if job.sheet.suffix == ".csv" else new_workbook(columns, tab=job.tab or "Videos")
    return {**dict(_media(template.folder)), job.sheet.name: made, JOB_FILE: (template.folder / JOB_FILE).read_bytes()}


def _media(folder: Path) -> Iterator[tuple[str, bytes]]:
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.name not in (JOB_FILE, _SHEET_FILE):
            yield file.relative_to(folder).as_posix(), file.read_bytes()


def _columns(job: Job, entries: list[Mapping[str, Any]]) -> Iterator[NewColumn]:
    headers = map_headers([entry["header"] for entry in entries], job)
    fields = {column.index: column.field for column in headers.fields}
    for index, entry in enumerate(entries):
        field = fields.get(index)
        yield NewColumn(
            header=entry["header"],
            note=_note(entry, field),
            choices=tuple(entry.get("choices", ())) or _choices(field),
            numeric=field is not None and field.kind is Kind.NUMBER,
            examples=tuple(entry["examples"]),
        )


def _note(entry: Mapping[str, Any], field: Field | None) -> str:
    own = entry.get("note", "")
    if field is not None:
        return f"{field.note}\nSets {field.path} in the request. {own or 'Empty: the job file decides.'}"
    return f"{own}\nIn the job file: {{{{ {placeholder(entry['header'])} }}}}".strip()


def _choices(field: Field | None) -> tuple[str, ...]:
    if field is None:
        return ()
    return _FLAGS if field.kind is Kind.FLAG else field.choices


def _csv(columns: tuple[NewColumn, ...]) -> bytes:
    """UTF-8 with a byte order mark: without one, Excel takes it for the system's old encoding."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(column.header for column in columns)
    writer.writerows(example_rows(columns))
    return text.getvalue().encode("utf-8-sig")
