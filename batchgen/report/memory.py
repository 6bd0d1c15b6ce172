"""What reports wrote into the sheet, so that a person's own words in our columns are told from ours.

Only columns of text take part: numbers and times read back as the person's program shows them. All that was ever
written is remembered, and before it is written: a sheet that a crash, a full disk or a person put back to an earlier
state still holds nothing but our texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

from batchgen.errors import Problem
from batchgen.fields import normal
from batchgen.job import Job
from batchgen.ledger import Status
from batchgen.plan import PlanWord
from batchgen.sheet import CellValue, Sheet

TEXT_COLUMNS = ("video_status", "video_id", "video_page", "video_file", "video_note")
MOST_REMEMBERED = 32  # texts of one cell

STATUS_WORDS = frozenset(map(str, (*Status, *PlanWord)))

Written = Mapping[str, Mapping[str, Sequence[str]]]
"""Row id → result header → texts, oldest first."""


def written_before(job: Job) -> Written:
    """What reports ever wrote; nothing when there was none, or their memory is gone."""
    try:
        remembered = orjson.loads(_file(job).read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {}
    return remembered if _is_memory(remembered) else {}


def _is_memory(remembered: Any) -> bool:
    return isinstance(remembered, dict) and all(
        isinstance(columns, dict) and all(isinstance(texts, list) for texts in columns.values())
        for columns in remembered.values()
    )


def remember(job: Job, before: Written, now: Mapping[str, Mapping[str, str]]) -> None:
    """Keep what is about to be written, beside all that was before; to be called before the sheet is replaced.

    It is a help, not a record: without it a person's words may be written over. One that lacks what the sheet holds
    would take our words for theirs, so where it cannot be kept there is to be none.
    """
    if (together := _together(before, now)) != before:
        _keep(job, together)


def _keep(job: Job, written: Written) -> None:
    file = _file(job)
    part = file.with_name(f"{file.name}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(orjson.dumps(written))
        part.replace(file)
    except OSError:
        for each in (part, file):
            with suppress(OSError):
                each.unlink()


def remember_renamed(job: Job, names: Mapping[str, str]) -> None:
    """Rows got another id (old → new): what was written into them goes with them. May be called twice."""
    before = written_before(job)
    if moved := {names[row_id]: texts for row_id, texts in before.items() if row_id in names}:
        _keep(job, {row_id: texts for row_id, texts in before.items() if row_id not in names} | moved)


def _together(before: Written, now: Mapping[str, Mapping[str, str]]) -> Written:
    together = dict(before)
    for row_id, texts in now.items():
        known = before.get(row_id, {})
        fresh = {header: text for header, text in texts.items() if text not in known.get(header, ())}
        if fresh or row_id not in before:
            added = {header: [*known.get(header, ()), text][-MOST_REMEMBERED:] for header, text in fresh.items()}
            together[row_id] = {**known, **added}
    return together


def texts_of(job: Job, cells: Mapping[str, CellValue]) -> dict[str, str]:
    """The texts of one row's result cells."""
    headers = (job.output.columns[name] for name in TEXT_COLUMNS)
    return {header: _same(str(cells[header])) for header in headers if cells.get(header) is not None}


def conflicts(
    job: Job, sheet: Sheet, ids: Mapping[int, str], before: Written, now: Mapping[int, Mapping[str, str]]
) -> Iterator[Problem]:
    """Cells of ours that a person wrote into: neither what we ever wrote there nor what is to be there now.

    A word for a status is always ours. In a row that no report wrote yet, nothing is known of what was there. Equal
    rows without an id are told apart by their order alone, so a sorted sheet shows one of them the other's results.
    """
    written = _by_equal_rows(job, before)
    names = [normal(header) for header in sheet.headers]
    headers = [job.output.columns[name] for name in TEXT_COLUMNS]
    places = [(header, names.index(normal(header))) for header in headers if normal(header) in names]
    status = job.output.columns["video_status"]
    for row in sheet.rows:
        ours = written.get(_equal_rows_of(job, ids.get(row.number, "")))
        if ours is None or row.number not in now:
            continue
        for header, place in places:
            seen = _same(row.cells[place])
            if not seen or seen in ours.get(header, ()) or seen == now[row.number].get(header):
                continue
            if header == status and seen in STATUS_WORDS:
                continue
            yield Problem(
                message="You wrote into this result column; your text was kept.",
                hint="Clear the cell to have the result there again.",
                row=row.number,
                id=ids.get(row.number),
                column=header,
                value=row.cells[place],
            )


def _by_equal_rows(job: Job, before: Written) -> Written:
    if job.id_column is not None:
        return before
    together: dict[str, dict[str, list[str]]] = {}
    for row_id, columns in before.items():
        texts_by_header = together.setdefault(_equal_rows_of(job, row_id), {})
        for header, texts in columns.items():
            texts_by_header.setdefault(header, []).extend(texts)
    return together


def _equal_rows_of(job: Job, row_id: str) -> str:
    """What a row shares with rows that are equal to it: without an id column, its request's fingerprint."""
    return row_id if job.id_column is not None else row_id.partition("#")[0]


def _same(text: str) -> str:
    """Text as it compares: however it is wrapped, without what no cell can hold, and without the apostrophe that
    keeps it from being a formula."""
    kept = "".join(character for character in text if character >= " " or character.isspace())
    return " ".join(kept.removeprefix("'").split())


def _file(job: Job) -> Path:
    return job.state_folder / f"{job.name}.written.json"
