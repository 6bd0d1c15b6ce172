"""What ``batchgen watch`` does: looks into the ledger now and then, and shows what changed. Writes nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from batchgen.cli.counting import counted
from batchgen.cli.durations import in_words
from batchgen.cli.output import Outcome, Output
from batchgen.cli.standing import standing_of
from batchgen.cli.telling import WORDS
from batchgen.cli.world import job_in_world, reading_ledger
from batchgen.job import Job
from batchgen.ledger import Holder, Money, Queries, Status
from batchgen.report import dollars

if TYPE_CHECKING:
    from rich.console import RenderableType

MOST_RENDERS_SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class Look:
    """One look at the ledger."""

    counts: Mapping[Status, int]
    money: Money
    holder: Holder | None
    oldest: str
    """The renders that take longest, in words."""

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def done(self) -> int:
        return sum(count for status, count in self.counts.items() if status.final)

    @property
    def is_over(self) -> bool:
        """Nobody is at work, so nothing will change by itself."""
        return self.holder is None

    @property
    def line(self) -> str:
        """What changed shows in here."""
        counts = ", ".join(f"{count:,} {WORDS.get(status, status)}" for status, count in self.counts.items())
        money = f"{dollars(self.money.settled)} settled, {dollars(self.money.reserved)} reserved"
        return f"{self.done:,} of {counted(self.total, 'row')} done: {counts or 'nothing yet'}; {money}"


def watched(path: Path, output: Output, *, simulated: bool, every_s: float) -> Outcome:
    """Watch until no run holds the job, or until Ctrl-C; then tell what ``status`` tells."""
    job = job_in_world(path, simulated=simulated)
    output.job = job.name
    with reading_ledger(job) as queries:
        try:
            if queries is not None:
                _watch(job, queries, output, every_s)
        except KeyboardInterrupt:
            output.say("No longer watching; the run goes on.")
    return standing_of(path, output, simulated=simulated)


def _watch(job: Job, queries: Queries, output: Output, every_s: float) -> None:
    with _shown(job, output) as show:
        while True:
            look = _look(job, queries)
            show(look)
            if look.is_over:
                return
            time.sleep(every_s)


def _look(job: Job, queries: Queries) -> Look:
    now = time.time()
    return Look(
        counts=queries.counts(job.name),
        money=queries.money(job.name),
        holder=queries.holder(job.name, now),
        oldest=", ".join(
            f"row {render.row_number} for {in_words(now - render.submitted_at)}"
            for render in queries.oldest_renders(job.name, limit=MOST_RENDERS_SHOWN)
        ),
    )


@contextmanager
def _shown(job: Job, output: Output) -> Iterator[Callable[[Look], None]]:
    """A table that stays in its place on a terminal; elsewhere a line whenever something changed."""
    if not output.story.is_terminal or output.json:
        yield _lines(output)
        return
    from rich.live import Live

    with Live(console=output.story, transient=True, auto_refresh=False) as live:
        yield lambda look: live.update(_drawn(job, look), refresh=True)


def _lines(output: Output) -> Callable[[Look], None]:
    said = ""

    def show(look: Look) -> None:
        nonlocal said
        if look.line != said:
            output.say(f"{time.strftime('%H:%M:%S')} {look.line}")
            said = look.line

    return show


def _drawn(job: Job, look: Look) -> RenderableType:
    from rich.console import Group
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    head = Text.assemble((job.name, "bold"), f"  {look.done:,} of {counted(look.total, 'row')} done")
    bar = ProgressBar(total=max(look.total, 1), completed=look.done, width=50)
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right")
    table.add_column()
    for status, count in look.counts.items():
        table.add_row(f"{count:,}", WORDS.get(status, status))
    money = f"Money: {dollars(look.money.settled)} settled, {dollars(look.money.reserved)} reserved"
    held = f"A run is at work: {look.holder}" if look.holder else "No run is at work."
    oldest = [Text(f"Rendering longest: {look.oldest}")] if look.oldest else []
    return Group(head, bar, table, Text(money), *oldest, Text(held, style="dim"))
