"""What reports wrote into the sheet, so that a person's own words in our columns are told from ours.

All that was ever written is remembered, and before it is written: a sheet that a crash, a full disk or a person put
back to an earlier state still holds nothing but our texts. Numbers and times are compared by value, because
spreadsheet programs write them anew in the look that they like.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from batchgen.job import Job
from batchgen.sheet import CellValue

VALUE_COLUMNS = ("video_duration_s", "video_cost_usd", "video_updated_at")
"""The columns that hold no text."""
MOST_REMEMBERED = 32  # texts of one cell

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
    """Rows got another id (old → new): what was written into them goes with them. May be called twice.

    Rows that were equal before they had ids may have changed places meanwhile: each gets what was written into all.
    """
    before = written_before(job)
    if renamed := [row_id for row_id in before if row_id in names]:
        equal = by_equal_rows(before)
        moved = {names[row_id]: equal[equal_rows_of(row_id)] for row_id in renamed}
        _keep(job, {row_id: texts for row_id, texts in before.items() if row_id not in names} | moved)


def by_equal_rows(written: Written) -> Written:
    """What was written into rows that have no id, together for those that ask for the same."""
    together: dict[str, dict[str, list[str]]] = {}
    for row_id, columns in written.items():
        texts_by_header = together.setdefault(equal_rows_of(row_id), {})
        for header, texts in columns.items():
            texts_by_header.setdefault(header, []).extend(texts)
    return together


def equal_rows_of(row_id: str) -> str:
    """What the id of a row in a job without an id column shares with rows equal to it: the request's fingerprint."""
    return row_id.partition("#")[0]


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
    """One row's result cells as they are remembered; a number or time that is not there is remembered as none."""
    columns = job.output.columns
    texts = [header for name, header in columns.items() if name not in VALUE_COLUMNS and cells.get(header) is not None]
    values = [header for name, header in columns.items() if name in VALUE_COLUMNS]
    remembered = {header: compared(str(cells[header])) for header in texts}
    return remembered | {header: _remembered(cells.get(header)) for header in values}


def _remembered(value: CellValue) -> str:
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    return "" if value is None else repr(value)


def compared(text: str) -> str:
    """Text as it compares: however it is wrapped, without what no cell can hold, and without the apostrophe that
    keeps it from being a formula."""
    kept = "".join(character for character in text if character >= " " or character.isspace())
    return " ".join(kept.removeprefix("'").split())


def _file(job: Job) -> Path:
    return job.state_folder / f"{job.name}.written.json"
