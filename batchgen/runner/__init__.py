"""The runner: moves entries from pending to succeeded, one named event at a time."""

from batchgen.runner.budget import BudgetStop
from batchgen.runner.fetch_again import fetch_again
from batchgen.runner.file_names import safe_stem
from batchgen.runner.order import order_of, replays
from batchgen.runner.run import Callbacks, Ending, Progress, RunResult, work_through
from batchgen.runner.work import ANSWERS_LOST, Left, Stop, StopLevel

__all__ = [
    "ANSWERS_LOST",
    "BudgetStop",
    "Callbacks",
    "Ending",
    "Left",
    "Progress",
    "RunResult",
    "Stop",
    "StopLevel",
    "fetch_again",
    "order_of",
    "replays",
    "safe_stem",
    "work_through",
]
