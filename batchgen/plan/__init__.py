"""What a run would do with every row, and what that would cost. Sends nothing."""

from batchgen.plan.plan import NO_RERENDER, Cap, Plan, PlannedRow, PlanWord, Rerender, make_plan

__all__ = ["NO_RERENDER", "Cap", "Plan", "PlanWord", "PlannedRow", "Rerender", "make_plan"]
