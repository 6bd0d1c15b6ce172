"""The runner: moves entries from pending to succeeded, one named event at a time."""

from batchgen.runner.budget import BudgetStop
from batchgen.runner.fetch_again import fetch_again
from batchgen.runner.file_names import safe_stem
from batchgen.runner.run import Callbacks, Ending, Progress, RunResult, work_through
from batchgen.runner.work import Left, Stop, StopLevel

__all__ = [
    "BudgetStop",
    "Callbacks",
    "Ending",
    "Left",
    "Progress",
    "RunResult",
    "Stop",
    "StopLevel",
    "fetch_again",
    "safe_stem",
    "work_through",
]
