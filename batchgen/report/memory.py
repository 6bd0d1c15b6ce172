"""What the last report wrote into the sheet, so that a person's own words in our columns are told from ours.

Only columns of text take part: numbers and times read back as the person's program shows them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import orjson

from batchgen.errors import Problem
from batchgen.job import Job
from batchgen.sheet import CellValue, Sheet

TEXT_COLUMNS = ("video_status", "video_id", "video_page", "video_file", "video_note")

Written = Mapping[str, Mapping[str, str]]
"""Row id → result header → text."""


def written_before(job: Job) -> Written:
    """What the last report wrote; nothing when there was none, or its memory is gone."""
    try:
        remembered: dict[str, dict[str, str]] = orjson.loads(_file(job).read_bytes())
    except (FileNotFoundError, orjson.JSONDecodeError):
        return {}
    return remembered


def remember(job: Job, written: Written) -> None:
    """Keep what was written. It is a help, not a record: without it a person's words may be written over."""
    file = _file(job)
    part = file.with_name(f"{file.name}.part")
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(orjson.dumps(written))
        part.replace(file)


def texts_of(job: Job, cells: Mapping[str, CellValue]) -> dict[str, str]:
    """The texts of one row's result cells."""
    headers = (job.output.columns[name] for name in TEXT_COLUMNS)
    return {header: _same(str(cells[header])) for header in headers if cells.get(header) is not None}


def conflicts(
    sheet: Sheet, ids: Mapping[int, str], before: Written, now: Mapping[int, Mapping[str, str]]
) -> Iterator[Problem]:
    """Cells of ours that a person wrote into: neither what was there before nor what is to be there now."""
    places = {header: place for place, header in enumerate(sheet.headers)}
    for row in sheet.rows:
        texts = before.get(ids.get(row.number, ""), {})
        for header, text in texts.items():
            place = places.get(header)
            seen = _same(row.cells[place]) if place is not None else ""
            if seen and seen not in (text, now.get(row.number, {}).get(header)):
                yield Problem(
                    message="You wrote into this result column; your text was kept.",
                    hint="Clear the cell to have the result there again.",
                    row=row.number,
                    id=ids.get(row.number),
                    column=header,
                    value=row.cells[place] if place is not None else None,
                )


def _same(text: str) -> str:
    """Text as it compares: without the apostrophe that keeps it from being a formula, and however it is wrapped."""
    return " ".join(text.removeprefix("'").split())


def _file(job: Job) -> Path:
    return job.state_folder / f"{job.name}.written.json"
