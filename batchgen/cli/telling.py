"""Plans and summaries in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from batchgen.cli.output import Output
from batchgen.job import Job
from batchgen.plan import MICRO, Plan
from batchgen.report import Summary

WORDS = {"in_doubt": "in doubt", "filtered": "filtered out"}


def plan_lines(plan: Plan) -> Iterator[str]:
    """What a run is going to do, and what that costs."""
    world = " (simulated)" if plan.job.simulated else ""
    yield f'Job "{plan.job.name}"{world}: {counted(plan.total_rows, "row")}: {counts_text(plan.counts)}'
    if plan.to_send:
        tables = ", ".join(plan.price_tables) or "none"
        yield (
            f"To create: {counted(len(plan.to_send), 'video')}, about ${plan.microusd / MICRO:,.2f}, "
            f"at most ${plan.microusd_high / MICRO:,.2f} (prices of {tables})"
        )
    if plan.of_unknown_length:
        rows = counted(len(plan.of_unknown_length), "row")
        yield f"Of these, {rows} speak a recording of unknown length: likely 1 minute, at most 10."


def plan_warnings(plan: Plan) -> Iterator[str]:
    """What about the plan deserves a look."""
    if plan.unpriced:
        yield f"No price is known for {counted(len(plan.unpriced), 'row')}; the sum leaves them out."
    if plan.gone:
        yield (
            f"No longer in the sheet: {counted(len(plan.gone), 'row')} of earlier runs. The ledger keeps them; "
            "what was sent is still collected."
        )


def tell_plan(plan: Plan, output: Output) -> None:
    """The plan as the story of a run, before it does anything."""
    for line in plan_lines(plan):
        output.say(line)
    for warning in plan_warnings(plan):
        output.warn(warning)


def counted(count: int, noun: str) -> str:
    """``1 row``, ``2 rows``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def counts_text(counts: Mapping[str, int]) -> str:
    """``3 new, 2 done``; ``nothing`` when there is nothing."""
    return ", ".join(f"{count} {WORDS.get(word, word)}" for word, count in counts.items()) or "nothing"


def summary_text(job: Job, summary: Summary, *, sheet: Path | None) -> str:
    """The last words of a run; ``sheet`` is the file that holds the results."""
    lines = [f'Job "{summary.job}": {counted(summary.rows, "row")}: {counts_text(summary.counts)}']
    lines += [f"  ✗ {problem}" for problem in summary.problems]
    lines += list(summary.notes)
    spent = f"${summary.spent_usd:,.2f}"
    real, simulated = f"{spent} spent or reserved so far", f"a real run would have cost {spent}"
    lines.append(f"Money: {simulated if summary.simulated else real}")
    if summary.counts.get("succeeded"):
        lines.append(f"Videos: {job.output.folder}")
    if summary.counts and sheet is not None:
        lines.append(f"Sheet: {sheet}")
    if summary.next:
        lines.append(f"Next: {summary.next}")
    return "\n".join(lines)
