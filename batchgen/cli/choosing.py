"""Which rows a person wants sent: a sample, rows by name, edited rows anew."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from batchgen.cli.counting import counted
from batchgen.cli.output import Output
from batchgen.cli.rerendering import kept_all_the_same
from batchgen.cli.rows import numbers_in_sheet, rows_named, short_id, typed_row
from batchgen.errors import UsageError
from batchgen.plan import Plan, PlannedRow, PlanWord, Sample
from batchgen.request import BuiltRow

HELP = "batchgen run --help"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What was typed."""

    rerender: tuple[str, ...] = ()
    sample: int | None = None
    spread: bool = False
    rows: tuple[str, ...] = ()

    @property
    def is_of_some_rows(self) -> bool:
        """Whether rows are left for later."""
        return self.sample is not None or bool(self.rows)

    def words(self) -> Iterator[str]:
        """What was typed, to be typed again."""
        if self.sample is not None:
            yield from ("--sample", str(self.sample), *(["--spread"] if self.spread else []))
        for name in self.rows:
            yield from ("--rows", name)
        for name in self.rerender:
            yield from ("--rerender", name)

    def options(self) -> Iterator[str]:
        """The options that were used."""
        given = {
            "--rerender": self.rerender,
            "--sample": self.sample,
            "--spread": self.spread,
            "--rows": self.rows,
        }
        return (name for name, value in given.items() if value)


def refuse_contradictions(choice: Choice) -> None:
    """Raise ``UsageError`` for options that do not go together."""
    if choice.rows and choice.sample is not None:
        raise UsageError("Write --sample N or --rows ROW,…: one of the two.", instead=HELP)
    if choice.spread and choice.sample is None:
        raise UsageError("--spread says how a sample is chosen: write --sample N --spread.", instead=HELP)


def chosen_plan(plan: Plan, choice: Choice, output: Output) -> Plan:
    """The plan that sends only what was chosen; the whole one when nothing was. Tells named rows that are not sent,
    or not anew.

    Raises ``UsageError`` for a row that is not in the sheet.
    """
    chosen = _of_some_rows(plan, choice, output) if choice.is_of_some_rows else plan
    for line in kept_all_the_same(chosen):
        output.warn(line)
    return chosen


def _of_some_rows(plan: Plan, choice: Choice, output: Output) -> Plan:
    numbers = numbers_in_sheet(plan.built)
    named = rows_named(list(_split(choice.rows, numbers)), numbers, place="the sheet")
    chosen = plan.sending_only(Sample(count=choice.sample or 0, spread=choice.spread, rows=frozenset(named)).of(plan))
    planned = {row.row.id: row for row in chosen.rows}
    for row_id in named:
        row = planned.get(row_id)
        if row is None or not row.sends:
            output.warn(f"Row {short_id(row_id)} is not sent: {_why(row)}")
    return chosen


def _why(row: PlannedRow | None) -> str:
    if row is None:
        return "it takes no part in this run."
    if row.word is PlanWord.CHANGED:
        return "it was edited after its video was ordered. --rerender makes a new one of a finished video."
    if row.word is PlanWord.DONE:
        return "it has its video."
    if row.word is PlanWord.UNAPPROVED:
        return "it is not approved."
    return f"it is {row.word.replace('_', ' ')}."


def _split(names: Sequence[str], numbers: dict[str, int]) -> Iterator[str]:
    """``A-1,row:7`` is two rows, unless it is the id of one."""
    for name in names:
        yield from [name] if name in numbers else filter(None, map(str.strip, name.split(",")))


def name_of(row: BuiltRow) -> str:
    """The row as it can be typed after ``--rows``, among others."""
    return name_of_row(row.id, row.number)


def name_of_row(row_id: str, number: int) -> str:
    """The same, of a row known by id and number."""
    return f"row:{number}" if "," in row_id else typed_row(row_id, number)


def unsent_of(plan: Plan, choice: Choice, unsent: Collection[str]) -> list[str]:
    """The options of a run of just these row ids, which the plan was to send; none where no row is left for later."""
    if not plan.waiting:
        return []
    if choice.sample is not None and not choice.spread:
        return ["--sample", str(len(unsent))]  # they are the first ones that wait
    return ["--rows", ",".join(name_of(planned.row) for planned in plan.to_send if planned.row.id in unsent)]


def choice_facts(plan: Plan, *, is_sample: bool) -> dict[str, object]:
    """For programs: how many rows the sample has, and how many wait for a later run."""
    return {"sampled": len(plan.to_send), "waiting": len(plan.waiting)} if is_sample else {}


def held_back_notes(plan: Plan) -> Iterator[str]:
    """What a run does not send, and why."""
    if plan.waiting:
        rows = counted(len(plan.waiting), "row")
        yield f"Left for later: {rows}; the same command without --sample and --rows sends the rest."
    unapproved = plan.counts.get(PlanWord.UNAPPROVED, 0)
    if unapproved:
        yield f'Not sent: {counted(unapproved, "row")} without a yes in the column "{plan.job.approve.column}".'
    changed = sum(row.word is PlanWord.CHANGED and not row.sends for row in plan.rows)
    if changed:
        rows = counted(changed, "row")
        yield f"Edited since the video was ordered: {rows}; --rerender changed makes finished ones anew."
