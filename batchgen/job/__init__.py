"""A job: one batch, defined by a job file (TOML) or by a sheet alone."""

from batchgen.job.address import check_base_url, check_ledger, check_link, check_public_url, is_loopback
from batchgen.job.job import KEY_WINDOW_S, Job
from batchgen.job.load import JOB_FILE, SHEET_SUFFIXES, Draft, draft_job, job_of_values, load_job
from batchgen.job.result_columns import FILE_COLUMNS, HTML_COLUMN, LINK_COLUMNS, MORE_COLUMNS, RESULT_COLUMNS
from batchgen.job.settings import (
    DOWNLOADS,
    Approve,
    Budget,
    Media,
    Output,
    Pacing,
    Prices,
    Provider,
    Retry,
    Submit,
    Webhooks,
)
from batchgen.job.toml import missing_file, parse_toml, read_text, toml_text

__all__ = [
    "DOWNLOADS",
    "FILE_COLUMNS",
    "HTML_COLUMN",
    "JOB_FILE",
    "KEY_WINDOW_S",
    "LINK_COLUMNS",
    "MORE_COLUMNS",
    "RESULT_COLUMNS",
    "SHEET_SUFFIXES",
    "Approve",
    "Budget",
    "Draft",
    "Job",
    "Media",
    "Output",
    "Pacing",
    "Prices",
    "Provider",
    "Retry",
    "Submit",
    "Webhooks",
    "check_base_url",
    "check_ledger",
    "check_link",
    "check_public_url",
    "draft_job",
    "is_loopback",
    "job_of_values",
    "load_job",
    "missing_file",
    "parse_toml",
    "read_text",
    "toml_text",
]
