"""What would be sent for one row: ``batchgen plan JOB --row ROW``; local files stand in it by their paths."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from batchgen.cli.commands import command_for
from batchgen.cli.exits import Exit
from batchgen.cli.output import Outcome, Output
from batchgen.cli.rows import numbers_in_sheet, rows_named, short_id
from batchgen.cli.telling import WORDS
from batchgen.cli.world import reading_ledger
from batchgen.errors import Problem
from batchgen.ledger import idempotency_key, marker_of
from batchgen.plan import Plan, PlannedRow, file_names
from batchgen.report import view_of
from batchgen.runner import order_of


def one_row(plan: Plan, name: str, path: Path, output: Output) -> Outcome:
    """The exact request of one row, with the key and the title marker that its next send would have.

    Raises ``UsageError`` when the sheet has no such row.
    """
    numbers = numbers_in_sheet(plan.built)
    (row_id,) = rows_named([name], numbers, place="the sheet")
    next_command = command_for(path, verb="plan", simulated=plan.job.simulated)
    planned = next((planned for planned in plan.rows if planned.row.id == row_id), None)
    if planned is None:
        return _not_sent(plan, row_id, numbers[row_id], output, next_command)
    key = _next_key(plan, planned) if planned.sends else None
    marker = marker_of(key) if key is not None and plan.job.output.title_marker else None
    order = order_of(plan.job, planned.row.request)
    files = file_names(plan.job.folder, plan.built.media)
    body = order.body(marker=marker, assets=files)
    word = WORDS.get(planned.word, str(planned.word))
    where = f"Row {planned.row.number} (id {short_id(row_id)})"
    if key is not None:
        named = f"with Idempotency-Key: {key}" if order.route.replays else "(it takes no Idempotency-Key)"
        output.say(f"{where}: {word}. A run would send POST {order.route.path} {named}")
    else:
        output.say(f"{where}: {word}. A run would send nothing for it; this is what the row asks for.")
    uploaded = sorted(files[digest] for digest in planned.row.request.digests)
    if uploaded:
        output.say(f"Uploaded before, asset ids then stand in their places: {', '.join(uploaded)}")
    facts: dict[str, Any] = {
        "job": plan.job.name,
        **view_of(planned, files).facts(),
        "problems": [],
        "route": order.route.path,
        "idempotency_key": key if order.route.replays else None,
        "marker": marker,
        "files": uploaded,
        "body": orjson.Fragment(body),
        "next": next_command,
    }
    text = orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2).decode()
    return Outcome(exit=Exit.DONE, facts=facts, text=text)


def _not_sent(plan: Plan, row_id: str, number: int, output: Output, next_command: str) -> Outcome:
    """A row that is left out, or cannot be sent as it is."""
    problems = [problem for problem in plan.built.problems if problem.row == number]
    invalid = next((row for row in plan.built.invalid if row.number == number), None)
    if invalid is not None and not problems:  # it is told of another row with the same problem
        problems = [Problem(message=invalid.note, row=number, id=row_id)]
    word = "filtered" if invalid is None else "invalid"
    output.problems(problems)
    facts = {
        "job": plan.job.name,
        "row": number,
        "id": row_id,
        "word": word,
        "sends": False,
        "problems": [asdict(problem) for problem in problems],
        "route": None,
        "idempotency_key": None,
        "marker": None,
        "files": [],
        "body": None,
        "next": next_command,
    }
    why = "it cannot be sent as it is" if invalid else "only_if leaves it out"
    text = f"Row {number} (id {short_id(row_id)}): a run would send nothing for it, {why}."
    return Outcome(exit=Exit.INVALID if invalid else Exit.DONE, facts=facts, text=text)


def _next_key(plan: Plan, planned: PlannedRow) -> str:
    """The key that the next send of the row would go out under."""
    row, fingerprint = planned.row, planned.row.request.fingerprint
    former = {new: old for old, new in plan.renamed.items()}.get(row.id, row.id)
    number = 1
    with reading_ledger(plan.job) as queries:
        if queries is not None:
            number = queries.next_attempt(plan.job.name, former, fingerprint)
    return idempotency_key(job=plan.job.name, row_id=row.id, fingerprint=fingerprint, number=number)
