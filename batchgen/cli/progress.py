"""Progress on stderr: a bar on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from batchgen.cli.durations import in_words
from batchgen.cli.ending import sentence
from batchgen.cli.output import Output

if TYPE_CHECKING:
    from batchgen.ledger import Status
    from batchgen.runner import Progress

PLAIN_LINE_EVERY_S = 60.0


class Show(Protocol):
    """Takes each glance at the run."""

    def __call__(self, progress: Progress) -> None: ...


@contextmanager
def shown_progress(output: Output) -> Iterator[Show]:
    """A ``Show`` that fits where stderr goes."""
    if output.story.is_terminal:
        with _bar(output) as show:
            yield _with_trouble(show, output)
    else:
        yield _with_trouble(_plain(output), output)


def _with_trouble(show: Show, output: Output) -> Show:
    """Say at once when the provider cannot be reached, and when it can again."""
    troubled = False

    def shown(progress: Progress) -> None:
        nonlocal troubled
        if progress.trouble and not troubled:
            output.warn(f"{sentence(progress.trouble)} Trying again, ever more slowly.")
        elif troubled and not progress.trouble:
            output.say("The provider can be reached again.")
        troubled = bool(progress.trouble)
        show(progress)

    return shown


@contextmanager
def _bar(output: Output) -> Iterator[Show]:
    from rich.console import Group
    from rich.live import Live
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar
    from rich.text import Text

    bar = Bar(BarColumn(bar_width=30), MofNCompleteColumn(), TextColumn("{task.fields[pace]}", style="dim"))
    task = bar.add_task("", total=None, pace="")
    rows = Text(no_wrap=True, overflow="ellipsis")  # a line of its own: beside the bar it would squeeze it away

    def show(progress: Progress) -> None:
        total, done = _totals(progress.counts)
        bar.update(task, total=total, completed=done, pace=_pace(progress))
        rows.plain = _rows(progress)

    with Live(Group(bar, rows), console=output.story, transient=True, refresh_per_second=4):
        yield show


def _plain(output: Output) -> Show:
    said_at = time.monotonic()

    def show(progress: Progress) -> None:
        nonlocal said_at
        if time.monotonic() - said_at < PLAIN_LINE_EVERY_S:
            return
        said_at = time.monotonic()
        total, done = _totals(progress.counts)
        output.say(f"{done:,} of {total:,} rows done: {_rows(progress)} ({_pace(progress)})")

    return show


def _totals(counts: Mapping[Status, int]) -> tuple[int, int]:
    return sum(counts.values()), sum(count for status, count in counts.items() if status.final)


def _rows(progress: Progress) -> str:
    """Rows by status, and what is being uploaded for them, or fetched although they are done."""
    words = [f"{count:,} {status.replace('_', ' ')}" for status, count in sorted(progress.counts.items())]
    if progress.uploading:
        words.append(f"uploading {progress.uploading} ({progress.uploaded} done, {progress.sent_bytes / 1e6:,.1f} MB)")
    if progress.lacking:
        words.append(f"fetching more files of {progress.lacking}")
    return ", ".join(words)


def _pace(progress: Progress) -> str:
    """Rate and time left, judged by what this run finished."""
    total, done = _totals(progress.counts)
    finished = done - progress.done_before
    if finished <= 0 or progress.elapsed_s <= 0:
        return f"{in_words(progress.elapsed_s)} so far"
    per_s = finished / progress.elapsed_s
    pace = f"{per_s:.1f} rows/s" if per_s >= 1 else f"{per_s * 60:.1f} rows/min"
    return f"{pace}, about {in_words((total - done) / per_s)} left"
