"""Plans and summaries in words."""

from __future__ import annotations

from collections.abc import Mapping

from batchgen.cli.output import Output
from batchgen.job import Job
from batchgen.plan import MICRO, Plan
from batchgen.report import Summary

WORDS = {"in_doubt": "in doubt", "filtered": "filtered out"}


def plan_story(plan: Plan, output: Output) -> None:
    """What the run is going to do, before it does it."""
    world = " (simulated)" if plan.job.simulated else ""
    output.say(f'Job "{plan.job.name}"{world}: {plan.total_rows} rows: {counts_text(plan.counts)}')
    if plan.to_send:
        tables = ", ".join(plan.price_tables) or "none"
        output.say(
            f"To create: {len(plan.to_send)} videos, about ${plan.microusd / MICRO:,.2f}, "
            f"at most ${plan.microusd_high / MICRO:,.2f} (prices of {tables})"
        )
    if plan.unpriced:
        output.warn(f"{len(plan.unpriced)} rows have no known price; they are not in this sum.")
    if plan.gone:
        output.warn(
            f"{len(plan.gone)} rows of earlier runs are no longer in the sheet. They stay in the ledger; "
            "what was sent is still collected."
        )


def counts_text(counts: Mapping[str, int]) -> str:
    """``3 new, 2 done``; ``nothing`` when there is nothing."""
    return ", ".join(f"{count} {WORDS.get(word, word)}" for word, count in counts.items()) or "nothing"


def summary_text(job: Job, summary: Summary) -> str:
    """The last words of a run."""
    lines = [f'Job "{summary.job}": {summary.rows} rows: {counts_text(summary.counts)}']
    lines += [f"  ✗ {problem}" for problem in summary.problems]
    lines += list(summary.notes)
    spent = "would have cost" if summary.simulated else "spent or reserved so far"
    lines.append(f"Money: ${summary.spent_usd:,.2f} {spent}")
    if summary.counts.get("succeeded"):
        lines.append(f"Videos: {job.output.folder}")
        lines.append(f"Sheet: {job.results}")
    if summary.next:
        lines.append(f"Next: {summary.next}")
    return "\n".join(lines)
