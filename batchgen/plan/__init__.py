"""What a run would do with every row, and what that would cost. Sends nothing."""

from batchgen.plan.approval import made_with_template, needs_approval, template_digest
from batchgen.plan.named_files import file_names
from batchgen.plan.plan import NO_RERENDER, Cap, Plan, PlannedRow, PlanWord, Rerender, make_plan
from batchgen.plan.sample import Sample, spread
from batchgen.plan.seal import SealBroken, SealedPlan, Surroundings, Terms, plan_of_bytes, sealed_bytes, terms_of
from batchgen.plan.staleness import differences

__all__ = [
    "NO_RERENDER",
    "Cap",
    "Plan",
    "PlanWord",
    "PlannedRow",
    "Rerender",
    "Sample",
    "SealBroken",
    "SealedPlan",
    "Surroundings",
    "Terms",
    "differences",
    "file_names",
    "made_with_template",
    "make_plan",
    "needs_approval",
    "plan_of_bytes",
    "sealed_bytes",
    "spread",
    "template_digest",
    "terms_of",
]
