"""The rows of a plan on a terminal: a table there, one line per row elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from batchgen.cli.counting import counted
from batchgen.cli.output import printable
from batchgen.cli.rows import short_id
from batchgen.cli.telling import WORDS
from batchgen.plan import Plan
from batchgen.report import RowView, Totals, cost, dollars, span, spread, views_of

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

MOST_ROWS_SHOWN = 40
MOST_IN_A_TABLE = 2_000  # a table is measured before it is drawn; lines come as they are
NARROWEST_WITH_LOOKS = 110  # columns of a terminal
STYLES = {"new": "green", "changed": "yellow", "in_doubt": "yellow", "failed": "red", "invalid": "red"}
DIM = ("done", "filtered", "succeeded", "cancelled")


def rows_text(plan: Plan, *, everything: bool) -> str:
    """The rows of a plan, the first forty unless ``everything`` is wanted."""
    shown = list(islice(views_of(plan), None if everything else MOST_ROWS_SHOWN))
    as_table = draws_tables() and 0 < len(shown) <= MOST_IN_A_TABLE
    text = _drawn(shown) if as_table else printable("\n".join(map(_line, shown)))
    more = plan.total_rows - len(shown)
    return f"{text}\n… and {counted(more, 'row')} more; --all shows them." if more > 0 else text


def draws_tables() -> bool:
    """Whether rows are drawn in a terminal's styles."""
    return sys.stdout.isatty()


def totals_lines(totals: Totals) -> Iterator[str]:
    """Rows and money of each word, where more than one word has something to tell."""
    telling = {word: total for word, total in totals.by_word.items() if total.videos}
    if len(telling) < 2:
        return
    for word, total in telling.items():
        money = spread(dollars(total.microusd_low), dollars(total.microusd_high))
        yield f"  {WORDS.get(word, word)}: {counted(total.videos, 'video')}, {money}"


def _line(view: RowView) -> str:
    said = f": {view.excerpt}" if view.excerpt else ""
    facts = ", ".join(_facts(view))
    return f"Row {view.number}{f' (id {short_id(view.id)})' if view.id else ''}: {facts}{said}"


def _facts(view: RowView) -> Iterator[str]:
    yield WORDS.get(view.word, view.word)
    if view.estimate is not None:
        yield f"{span(view.estimate)}, {cost(view.estimate)}"
    elif view.avatar:
        yield "no known price"
    yield from filter(None, (view.avatar, view.voice))


def _drawn(views: Sequence[RowView]) -> str:
    from rich.console import Console

    console = Console(file=sys.stdout, highlight=False)
    with console.capture() as capture:
        for line in _said_once(views):
            console.print(printable(line), markup=False)
        console.print(_table(views, console))
    return capture.get().rstrip("\n")


def _said_once(views: Sequence[RowView]) -> Iterator[str]:
    """What all rows share needs no column."""
    for what in ("avatar", "voice"):
        values = _values(views, what)
        if len(values) == 1:
            yield f"In all rows: {what} {next(iter(values)) or 'the avatar’s own'}"


def _values(views: Sequence[RowView], what: str) -> set[str]:
    return {getattr(view, what) for view in views if view.estimate is not None or view.avatar}


def _table(views: Sequence[RowView], console: Console) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    wide = console.width >= NARROWEST_WITH_LOOKS
    looks = [what for what in ("avatar", "voice") if wide and len(_values(views, what)) > 1]
    table = Table(box=SIMPLE_HEAD, expand=True, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column("Row", justify="right", no_wrap=True)
    table.add_column("Id", max_width=16, no_wrap=True, overflow="ellipsis")
    table.add_column("", no_wrap=True)
    table.add_column("Script", ratio=1, no_wrap=True, overflow="ellipsis", min_width=12)
    for what in looks:
        table.add_column(what.capitalize(), max_width=20, no_wrap=True, overflow="ellipsis")
    table.add_column("Length", justify="right", no_wrap=True)
    table.add_column("USD", justify="right", no_wrap=True)
    for view in views:
        style = STYLES.get(view.word, "dim" if view.word in DIM else "")
        cells = [
            str(view.number),
            short_id(view.id or ""),
            WORDS.get(view.word, view.word),
            view.excerpt,
            *(getattr(view, what) for what in looks),
            span(view.estimate),
            cost(view.estimate).replace("$", "") if view.estimate else "",
        ]
        texts = map(printable, cells)
        table.add_row(*(Text(text, style=style) if place == 2 else Text(text) for place, text in enumerate(texts)))
    return table
