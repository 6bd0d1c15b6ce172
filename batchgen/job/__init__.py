"""A job: one batch, defined by a job file (TOML) or by a sheet alone."""

from batchgen.job.settings import (
    DOWNLOADS,
    RESULT_COLUMNS,
    Job,
    Output,
    Pacing,
    Prices,
    Provider,
    Retry,
)

__all__ = [
    "DOWNLOADS",
    "RESULT_COLUMNS",
    "Job",
    "Output",
    "Pacing",
    "Prices",
    "Provider",
    "Retry",
]
