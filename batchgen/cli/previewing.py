"""What ``batchgen preview`` does: storyboards by the simulator's renderer, and a contact sheet of them.

Neither the provider nor the ledger has a part in it: rows are shown as the sheet has them now.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from batchgen.cli.commands import command_for
from batchgen.cli.counting import counted
from batchgen.cli.exits import Exit
from batchgen.cli.output import Outcome, Output
from batchgen.cli.reading import fetch_if_linked, refuse_invalid_job, rows_of
from batchgen.cli.rows import rows_named, short_id
from batchgen.errors import FileProblem, UsageError
from batchgen.job import load_job
from batchgen.media import LocalFile, content_reference
from batchgen.plan import Plan, PlannedRow, file_names, make_plan
from batchgen.report import RowView, clock, numbers_by_id, refuse_not_ours, view_of, write_page

if TYPE_CHECKING:
    from collections.abc import Callable

    from batchgen.simulator.preview import Preview

FOLDER = "preview"
PAGE = "index.html"
FIRST = 20  # rows
AT_ONCE = 2  # the encoders release the interpreter lock
RENDERED = re.compile(r"[0-9a-f]{32}-(video\.(mp4|webm)|thumbnail\.jpg)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Spoken:
    """A stretch of a script: words, or a pause in seconds."""

    text: str
    pause_s: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """One row on the contact sheet; files are names beside the page."""

    row: RowView
    video: str
    poster: str
    seconds: float
    spoken: tuple[Spoken, ...]
    warnings: tuple[str, ...]


def previewed(path: Path, output: Output, *, rows: Sequence[str], everything: bool) -> Outcome:
    """Storyboards and contact sheet in ``preview`` beside the job file. Exit code 2 when rows are invalid.

    Raises ``BatchgenError`` for a job or sheet that cannot be read, and for rows that are not there.
    """
    refuse_invalid_job(path, output)
    job = load_job(path)
    output.job = job.name
    folder = job.folder / FOLDER
    refuse_not_ours(folder / PAGE)
    fetch_if_linked(job)
    plan = make_plan(job, rows_of(job, output), {})
    output.problems(plan.built.problems, count=plan.built.problem_count)
    chosen = _chosen(plan, rows, everything=everything)
    cards = _cards(chosen, plan, _made_folder(folder), output)
    _clear_up(folder, cards)
    page = folder / PAGE
    values = {
        "job": job,
        "cards": cards,
        "left_out": len(plan.rows) - len(cards),
        "problems": [str(problem) for problem in plan.built.problems],
        "warnings": [str(doubt) for doubt in output.doubts if not doubt.rows],
        "made_at": f"{datetime.now():%Y-%m-%d %H:%M}",  # noqa: DTZ005  # the person's own clock
        "short_id": short_id,
    }
    write_page(page, "preview.html", values)
    return _outcome(path, plan, page, cards)


def _outcome(path: Path, plan: Plan, page: Path, cards: Sequence[Card]) -> Outcome:
    invalid = plan.built.problem_count > 0
    next_command = command_for(path, verb="preview" if invalid else "plan")
    left_out = len(plan.rows) - len(cards)
    total = clock(sum(card.seconds for card in cards))
    lines = [f"{counted(len(cards), 'storyboard')}, {total} together: {page}"]
    if left_out:
        lines.append(f"{counted(left_out, 'row')} more can be previewed; --all makes them, --rows some of them.")
    facts: dict[str, object] = {
        "job": plan.job.name,
        "rows": plan.total_rows,
        "previewed": [
            {"row": card.row.number, "id": card.row.id, "video": str(page.parent / card.video)} for card in cards
        ],
        "left_out": left_out,
        "page": str(page),
        "problems": [asdict(problem) for problem in plan.built.problems],
        "next": next_command,
    }
    code = Exit.INVALID if invalid else Exit.DONE
    return Outcome(exit=code, facts=facts, text="\n".join([*lines, f"Next: {next_command}"]))


def _chosen(plan: Plan, names: Sequence[str], *, everything: bool) -> Sequence[PlannedRow]:
    if not names:
        return plan.rows if everything else plan.rows[:FIRST]
    if everything:
        raise UsageError("Either --rows or --all.")
    numbers = numbers_by_id(plan.built.rows)
    wanted = [part for name in names for part in ([name] if name in numbers else filter(None, name.split(",")))]
    ids = set(rows_named(wanted, numbers, place="the rows that can be sent"))
    return [planned for planned in plan.rows if planned.row.id in ids]


def _made_folder(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder} cannot be made: {error.strerror}.") from error
    return folder


def _cards(chosen: Sequence[PlannedRow], plan: Plan, folder: Path, output: Output) -> list[Card]:
    from batchgen.simulator.preview import preview

    media, names = plan.built.media, file_names(plan.job.folder, plan.built.media)

    def drawn(planned: PlannedRow) -> Preview:
        try:
            return preview(planned.row.request.payload, folder, _files(planned, media))
        except OSError as error:
            raise FileProblem(f"A storyboard cannot be written into {folder}: {error.strerror}.") from error

    with ThreadPoolExecutor(AT_ONCE) as threads, _progress(output, len(chosen)) as advance:
        try:
            made = threads.map(drawn, chosen)
            return [
                _card(view_of(planned, names), files, output, advance)
                for planned, files in zip(chosen, made, strict=True)
            ]
        finally:
            threads.shutdown(cancel_futures=True)


def _files(planned: PlannedRow, media: Mapping[str, LocalFile]) -> dict[str, Path]:
    """The row's local files by what stands for them in its request."""
    return {content_reference(digest): media[digest].path for digest in planned.row.request.digests}


def _card(row: RowView, files: Preview, output: Output, advance: Callable[[], None]) -> Card:
    advance()
    return Card(
        row=row,
        video=files.video.name,
        poster=files.poster.name,
        seconds=files.seconds,
        spoken=tuple(_spoken(row.script)),
        warnings=tuple(
            " ".join(filter(None, (doubt.message, doubt.hint))) for doubt in output.doubts if row.number in doubt.rows
        ),
    )


def _spoken(script: str) -> Iterator[Spoken]:
    """The script as it will be spoken: pauses are pauses, not tags."""
    from batchgen.simulator.speech import stretches

    for stretch in stretches(script):
        yield Spoken(text=stretch.text, pause_s=0.0 if stretch.text else stretch.seconds)


def _clear_up(folder: Path, cards: Sequence[Card]) -> None:
    """Take away storyboards of earlier previews: what lies beside the page is what it shows."""
    shown = {name for card in cards for name in (card.video, card.poster)}
    for file in folder.iterdir():
        if RENDERED.fullmatch(file.name) and file.name not in shown:
            file.unlink(missing_ok=True)


@contextmanager
def _progress(output: Output, total: int) -> Iterator[Callable[[], None]]:
    """A bar on a terminal; elsewhere nothing, it takes seconds."""
    if not output.story.is_terminal:
        yield lambda: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("Storyboards"), BarColumn(bar_width=30), MofNCompleteColumn())
    with Progress(*columns, console=output.story, transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda: bar.advance(task)
