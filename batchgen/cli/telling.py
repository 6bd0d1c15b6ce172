"""Plans and summaries in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from operator import itemgetter
from pathlib import Path
from typing import Any

from batchgen.cli.counting import counted, counted_with
from batchgen.cli.durations import in_words
from batchgen.cli.output import Output
from batchgen.cli.rows import short_id
from batchgen.cli.uploads import to_upload, upload_lines
from batchgen.job import Job
from batchgen.ledger import Result, Status
from batchgen.plan import Cap, Plan
from batchgen.price import MICRO
from batchgen.report import Summary, usd

MOST_RENDERS_SHOWN = 5
WORDS = {"in_doubt": "in doubt", "filtered": "filtered out", "unapproved": "not approved", "waiting": "left for later"}


def plan_lines(plan: Plan) -> Iterator[str]:
    """What a run is going to do, and what that costs."""
    world = " (simulated)" if plan.job.simulated else ""
    yield f'Job "{plan.job.name}"{world}: {counted(plan.total_rows, "row")}: {counts_text(plan.counts)}'
    if plan.to_send:
        yield costs_line(plan)
        if plan.learnt_from:
            yield (
                f"Lengths as learnt from {counted(plan.learnt_from, 'finished video')}; "
                f"most likely not below ${plan.microusd_low / MICRO:,.2f}."
            )
    if plan.cap is not None:
        yield cap_line(plan.cap)
    if plan.sure_to_fit < len(plan.to_send):
        yield fitting_line(plan)
    if plan.of_unknown_length:
        count = len(plan.of_unknown_length)
        are = counted_with(count, "row", "is", "are")
        yield f"Of these, {are} of unknown length (recordings, films, templates): likely 1 minute, at most 10."
    yield from upload_lines(to_upload(plan))


def costs_line(plan: Plan) -> str:
    """What is to be created, and what that costs."""
    return f"To create: {_costs(plan)}"


def _costs(plan: Plan) -> str:
    tables = ", ".join(plan.price_tables) or "none"
    return (
        f"{counted(len(plan.to_send), 'video')}, about ${plan.microusd / MICRO:,.2f}, "
        f"at most ${plan.microusd_high / MICRO:,.2f} (prices of {tables})"
    )


def changed_costs_lines(told: Plan, now: Plan) -> Iterator[str]:
    """What the check of the rows made of the costs that were ``told``, and why; nothing when they are the same."""
    if not now.to_send or _costs(now) == _costs(told):
        return
    left_out = len(told.to_send) - len(now.to_send)
    reasons = [
        "the kinds of the avatars are known" if now.kinds != told.kinds else "",
        f"{counted_with(left_out, 'row', 'is', 'are')} left out" if left_out else "",
    ]
    yield f"Now that {' and '.join(filter(None, reasons))}, to create: {_costs(now)}"
    if now.sure_to_fit < len(now.to_send) or told.sure_to_fit < len(told.to_send):
        yield fitting_line(now)


def fitting_line(plan: Plan) -> str:
    """How many of the rows a cap is sure to hold."""
    if plan.sure_to_fit == len(plan.to_send):
        return "The cap is sure to hold all of them."
    return (
        f"The cap is sure to hold {counted(plan.sure_to_fit, 'row')} of {len(plan.to_send):,}; the run begins more "
        "as videos turn out cheaper than their upper estimates, and stops when no waiting row fits."
    )


def cap_line(cap: Cap) -> str:
    """The cap, and what of it is left."""
    shared = f' (budget "{cap.shared}")' if cap.shared else ""
    return (
        f"Cap{shared}: ${cap.max_microusd / MICRO:,.2f}, of which ${cap.committed_microusd / MICRO:,.2f} "
        f"is spent or reserved: ${cap.left_microusd / MICRO:,.2f} left"
    )


def budget_facts(cap: Cap | None) -> dict[str, Any] | None:
    """The cap in JSON, in USD."""
    if cap is None:
        return None
    return {
        "max_usd": usd(cap.max_microusd),
        "committed_usd": usd(cap.committed_microusd),
        "left_usd": usd(cap.left_microusd),
        "shared": cap.shared,
    }


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


def counts_text(counts: Mapping[str, int]) -> str:
    """``3 new, 2 done``; ``nothing`` when there is nothing."""
    return ", ".join(f"{count:,} {WORDS.get(word, word)}" for word, count in counts.items()) or "nothing"


def oldest_renders(results: Iterable[Result], now: float) -> Iterator[str]:
    """The renders that take longest, the oldest first; ``now`` is in unix seconds."""
    renders = [(result.submitted_at, result) for result in results if result.status is Status.RENDERING]
    aged = sorted(((now - at, result) for at, result in renders if at), key=itemgetter(0), reverse=True)
    if aged:
        yield "Rendering longest:"
    for age_s, result in aged[:MOST_RENDERS_SHOWN]:
        yield f"  row {result.row_number} (id {short_id(result.row_id)}), for {in_words(age_s)}"


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
