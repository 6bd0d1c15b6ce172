"""Rows that look new but may have a video already: a second one for them has to be wanted (``--allow-new``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from batchgen.errors import Problem, RowsInvalid
from batchgen.job import Job
from batchgen.plan import Plan, PlannedRow, PlanWord
from batchgen.report import earlier_videos, in_the_way

ALLOW_NEW = "--allow-new"

Told = tuple[PlannedRow, str]
"""A row to be sent that was sent before by what the sheet says, and its video id; "": none is there."""


def refuse_doubtful(plan: Plan, known_videos: Mapping[str, str], *, audit: str) -> None:
    """Raise ``RowsInvalid`` when rows to be sent may have a video already: by the ledger, in which rows with one are
    gone, or by what the sheet says.

    ``known_videos``: the ids of the ledger's videos → the rows that have them; ``audit`` is the command that looks for
    the videos that it does not know.
    """
    _refuse_lookalikes(plan, plan.lookalikes())
    told = list(_told_by_the_sheet(plan))
    _refuse_lookalikes(plan, list(_with_videos_of_gone_rows(plan, told, known_videos)))
    _refuse_forgotten(list(_forgotten(plan, told, known_videos)), audit)


def _refuse_lookalikes(plan: Plan, lookalikes: Sequence[Problem]) -> None:
    if not lookalikes:
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


def _refuse_forgotten(forgotten: Sequence[Problem], audit: str) -> None:
    if not forgotten:
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


def forgotten_rows(plan: Plan, known_videos: Mapping[str, str]) -> Iterator[Problem]:
    """The rows to be sent of which the sheet says that they have a video, and the ledger knows nothing of it."""
    return _forgotten(plan, list(_told_by_the_sheet(plan)), known_videos)


def _told_by_the_sheet(plan: Plan) -> Iterator[Told]:
    """In a simulated world nothing is paid, and nothing is told."""
    if plan.job.simulated or not plan.to_send:
        return
    told = earlier_videos(plan.job)
    for planned in plan.to_send:
        if (video_id := told.of(planned.row.id, planned.row.number)) is not None:
            yield planned, video_id


def _forgotten(plan: Plan, told: Sequence[Told], known_videos: Mapping[str, str]) -> Iterator[Problem]:
    for planned, video_id in told:
        # A status alone may be older than what the ledger knows of the row; a video id belongs to one row for ever.
        is_new = planned.word is PlanWord.NEW
        if video_id not in known_videos if video_id else is_new and not known_videos:
            message = f"This row {'looks new' if is_new else 'is to be sent'}, but was sent before."
            yield _problem(plan, planned, message, video_id)


def _with_videos_of_gone_rows(plan: Plan, told: Sequence[Told], known_videos: Mapping[str, str]) -> Iterator[Problem]:
    """The new rows of which the sheet says that they have the video of a row that is gone: ids that read differently.

    A copied row is none of them: the row that it was copied from is still there.
    """
    for planned, video_id in told:
        if planned.word is PlanWord.NEW and (owner := known_videos.get(video_id)) in plan.gone:
            message = f'This row looks new, but its video is that of the row with id "{owner}", which is gone.'
            yield _problem(plan, planned, message, video_id, hint="Did its id change, or only how it is written?")


def _problem(plan: Plan, planned: PlannedRow, message: str, video_id: str, *, hint: str = "") -> Problem:
    column = plan.job.output.columns["video_id"] if video_id else None
    row = planned.row
    return Problem(message=message, hint=hint, row=row.number, id=row.id, column=column, value=video_id or None)
