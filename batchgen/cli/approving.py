"""``batchgen approve``, and the gate that it opens: many rows wait until somebody has looked at a sample."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from batchgen.cli.commands import command_for
from batchgen.cli.counting import counted
from batchgen.cli.exits import Exit
from batchgen.cli.output import Outcome, Output
from batchgen.cli.person import person
from batchgen.cli.reading import refuse_invalid_job, refuse_unfetched
from batchgen.cli.world import known_entries, known_job, open_ledger, reading_ledger
from batchgen.errors import UsageError, rows_named
from batchgen.ledger import Approval, approve_template
from batchgen.plan import Plan, PlannedRow, made_with_template, make_plan, needs_approval, template_digest
from batchgen.request import build_rows
from batchgen.sheet import read_sheet

SAMPLE = 3


def approve_sample(path: Path, output: Output, *, simulated: bool) -> Outcome:
    """Write down that somebody looked at videos of the present template and wants the others like that.

    Raises ``UsageError`` when there is no such video. The sheet of a link is taken as it was fetched last.
    """
    refuse_invalid_job(path, output)
    job = known_job(path, simulated=simulated)
    output.job = job.name
    refuse_unfetched(job)
    built = build_rows(job, read_sheet(job.sheet, tab=job.tab, header_row=job.header_row))
    with reading_ledger(job) as queries:
        plan = make_plan(job, built, known_entries(job, queries))
    seen = made_with_template(plan)
    if not seen:
        raise UsageError(
            "There is nothing to approve: no video was made with the template as it is now.",
            instead=_sample_command(plan, path),
        )
    with open_ledger(job) as ledger:
        approval = approve_template(ledger, job.name, template_digest(plan), by=person())
    if not job.approve.require_sample:
        output.warn("The job file does not ask for an approval; [approve] require_sample = true would.")
    return _outcome(plan, seen, approval, path)


def _outcome(plan: Plan, seen: list[PlannedRow], approval: Approval, path: Path) -> Outcome:
    at = datetime.fromtimestamp(approval.at, UTC).astimezone()
    next_command = command_for(path, simulated=plan.job.simulated)
    videos = counted(len(seen), "video")
    text = (
        f"Approved by {approval.by} at {at:%Y-%m-%d %H:%M:%S}: the template as it is now, by {videos} "
        f"({rows_named([row.row.number for row in seen]).lower()}).\n"
        "When [request], [columns] or the header changes, it takes a new sample and a new approval.\n"
        f"Next: {next_command}"
    )
    facts = {
        "job": plan.job.name,
        "approved_by": approval.by,
        "approved_at": at.isoformat(),
        "template": template_digest(plan),
        "videos": len(seen),
        "next": next_command,
    }
    return Outcome(exit=Exit.DONE, facts=facts, text=text)


def refuse_unapproved(plan: Plan, path: Path) -> None:
    """Raise ``UsageError`` when more rows would be sent than may be without an approved sample."""
    if (missing := _missing_approval(plan, path)) is not None:
        raise missing


def next_run(plan: Plan, path: Path, *, more: Sequence[str] = ()) -> str:
    """The command that gets on with the rows to be sent: a run with ``more``, or what has to come before it."""
    missing = _missing_approval(plan, path)
    return missing.instead if missing else command_for(path, simulated=plan.job.simulated, more=more)


def _missing_approval(plan: Plan, path: Path) -> UsageError | None:
    """Why this many rows may not be sent yet, with the command that comes first; None: they may."""
    if not needs_approval(plan) or _approval(plan) is not None:
        return None
    rows = counted(len(plan.to_send), "row")
    if seen := made_with_template(plan):
        return UsageError(
            f"Nothing was sent: {rows} wait until somebody approves the template. Look at the "
            f"{counted(len(seen), 'video')} in {plan.job.output.folder}, then approve.",
            instead=command_for(path, verb="approve", simulated=plan.job.simulated),
        )
    return UsageError(
        f"Nothing was sent: {rows} wait for a sample. [approve] require_sample asks for videos made with the template "
        "as it is now, and for somebody who approves it.",
        instead=_sample_command(plan, path),
    )


def _approval(plan: Plan) -> Approval | None:
    with reading_ledger(plan.job) as queries:
        if queries is None:
            return None
        return queries.approval(plan.job.name, template_digest(plan))


def _sample_command(plan: Plan, path: Path) -> str:
    size = min(SAMPLE, plan.job.approve.sample_rows)
    return command_for(path, simulated=plan.job.simulated, more=["--sample", str(size)])
