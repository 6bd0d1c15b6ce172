"""Rows that look new but may have a video already: a second one for them has to be wanted (``--allow-new``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from batchgen.errors import Problem, RowsInvalid
from batchgen.job import Job
from batchgen.plan import Plan, PlanWord
from batchgen.report import earlier_videos, in_the_way

ALLOW_NEW = "--allow-new"


def refuse_lookalikes(plan: Plan) -> None:
    """Raise ``RowsInvalid`` when rows with a video are gone while others, which may be the same, are new."""
    if not (lookalikes := plan.lookalikes()):
        return
    advice = Problem(
        message="Rows that have a video are gone from the sheet, and other rows are new; nothing was sent.",
        hint=f"If they are truly new rows, run with {ALLOW_NEW}. {_to_keep_the_videos(plan.job)}",
    )
    raise RowsInvalid([advice, *lookalikes], add=ALLOW_NEW)


def _to_keep_the_videos(job: Job) -> str:
    if job.id_column is None:
        return 'To have edits recognised, name an id column: id = "…".'
    return "To keep a row's video, give the row the id that it had."


def refuse_forgotten(plan: Plan, known_videos: Iterable[str], *, audit: str) -> None:
    """Raise ``RowsInvalid`` when the sheet says that new rows have a video, and the ledger knows nothing of it.

    ``known_videos`` are the ids in the ledger; ``audit`` is the command that looks for the videos.
    """
    if not (forgotten := list(forgotten_rows(plan, frozenset(known_videos)))):
        return
    advice = Problem(
        message="The sheet says that these rows were sent before, but the ledger does not know it; nothing was sent.",
        hint="Was the ledger deleted or put back to an earlier state, or the job renamed? Undo that, or let "
        f"{audit} look for the videos. If they are new rows of a copied sheet, empty their result columns, or run "
        f"with {ALLOW_NEW}.",
    )
    raise RowsInvalid([advice, *forgotten], instead=audit)


def refuse_occupied(job: Job) -> None:
    """Raise ``RowsInvalid`` when the first results of a job would be written over a person's own words."""
    if occupied := list(in_the_way(job)):
        raise RowsInvalid(occupied)


def forgotten_rows(plan: Plan, known_videos: frozenset[str]) -> Iterator[Problem]:
    """The new rows of which the sheet says that they have a video, and the ledger knows nothing of it.

    In a simulated world nothing is paid, and nothing is told.
    """
    if plan.job.simulated:
        return
    new = [planned.row for planned in plan.to_send if planned.word is PlanWord.NEW]
    told = earlier_videos(plan.job) if new else {}
    column = plan.job.output.columns["video_id"]
    for row in new:
        video_id = told.get(row.number)
        # A status alone may be older than what the ledger knows of the row; a video id belongs to one row for ever.
        if video_id is not None and (video_id not in known_videos if video_id else not known_videos):
            yield Problem(
                message="This row looks new, but was sent before.",
                row=row.number,
                id=row.id,
                column=column if video_id else None,
                value=video_id or None,
            )
