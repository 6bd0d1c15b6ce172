"""How long a run of a plan will take."""

from __future__ import annotations

from batchgen.cli.counting import counted
from batchgen.cli.durations import in_words
from batchgen.cli.world import reading_ledger
from batchgen.plan import Plan
from batchgen.report import TYPICAL, RenderPace, learnt


def pace_of(plan: Plan) -> RenderPace | None:
    """As this job's videos were, else what the provider says; None for a simulated job that has no videos yet."""
    waits: list[float] = []
    with reading_ledger(plan.job) as queries:
        if queries is not None:
            waits = queries.render_waits(plan.job.name)
    return learnt(waits) or (None if plan.job.simulated else TYPICAL)


def time_line(plan: Plan, pace: RenderPace | None) -> str | None:
    """How long, and how that is known; None when there is nothing to create or nothing is known."""
    if pace is None or not (videos := len(plan.to_send)):
        return None
    low, high = pace.time_for(videos, at_once=plan.job.pacing.concurrency)
    each = f"{in_words(pace.low_s)} to {in_words(pace.high_s)}"
    if pace.learnt_from:
        known = f"the last {counted(pace.learnt_from, 'video')} of this job took {each} each"
    else:
        known = f"a render usually takes {each}"
    return f"Time: {in_words(low)} to {in_words(high)}, {plan.job.pacing.concurrency} at once ({known})"


def time_facts(plan: Plan, pace: RenderPace | None) -> dict[str, object] | None:
    """For programs, in seconds."""
    if pace is None:
        return None
    low, high = pace.time_for(len(plan.to_send), at_once=plan.job.pacing.concurrency)
    return {
        "seconds": round(low, 1),
        "seconds_high": round(high, 1),
        "render_seconds": round(pace.low_s, 1),
        "render_seconds_high": round(pace.high_s, 1),
        "learnt_from": pace.learnt_from,
        "concurrency": plan.job.pacing.concurrency,
    }
