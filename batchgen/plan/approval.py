"""Whether somebody has to look at a sample first: approval is for one template, to the letter."""

from __future__ import annotations

import hashlib

import orjson

from batchgen.plan.plan import Plan, PlannedRow, PlanWord


def template_digest(plan: Plan) -> str:
    """SHA-256 (hex) of all that the rows have in common: [request], [columns], which header sets which field, rules.

    What stands in the cells does not count: that is what differs from row to row.
    """
    job = plan.job
    common = [job.request, job.columns, plan.built.lines, job.provider.rulebook]
    return hashlib.sha256(orjson.dumps(common, option=orjson.OPT_SORT_KEYS)).hexdigest()


def needs_approval(plan: Plan) -> bool:
    """Whether this plan is for more rows than may be sent before the template is approved."""
    return plan.job.approve.require_sample and len(plan.to_send) > plan.job.approve.sample_rows


def made_with_template(plan: Plan) -> list[PlannedRow]:
    """The rows whose video is what the present template makes of them: what a person can look at."""
    return [planned for planned in plan.rows if planned.word is PlanWord.DONE]
