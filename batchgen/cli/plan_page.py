"""The plan as a page for the person who signs it off: ``batchgen plan JOB --out plan.html``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from batchgen.cli.output import Output
from batchgen.cli.rows import short_id
from batchgen.cli.telling import WORDS, plan_warnings
from batchgen.plan import Plan
from batchgen.report import totals_of, views_of, write_page


def write_plan_page(target: Path, plan: Plan, lines: Sequence[str], output: Output) -> None:
    """Write the page. Raises ``UsageError`` when that is not possible, or would replace a file of the person's own."""
    values = {
        "plan": plan,
        "totals": totals_of(plan),
        "rows": views_of(plan),
        "words": WORDS,
        "lines": lines,
        "problems": [str(problem) for problem in plan.built.problems if problem.row is None],
        "warnings": [*map(str, output.doubts), *plan_warnings(plan)],
        "made_at": f"{datetime.now():%Y-%m-%d %H:%M}",  # noqa: DTZ005  # the person's own clock
        "short_id": short_id,
    }
    write_page(target, "plan.html", values)
