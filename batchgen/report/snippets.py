"""The HTML of finished rows, and what the ledger has to know for the columns of a job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from batchgen.job import DOWNLOADS, HTML_COLUMN, Job
from batchgen.ledger import Queries, Result, Status
from batchgen.report.cells import file_link, file_place, stored_path
from batchgen.request import Snippet
from batchgen.row import map_headers
from batchgen.sheet import SheetRow
from batchgen.template import TemplateProblem


def shown_results(job: Job, queries: Queries) -> dict[str, Result]:
    """Row id → what the ledger knows, with the details when a column of the job shows them."""
    return queries.detailed_results(job.name) if job.output.shows_more else queries.results(job.name)


@dataclass(frozen=True)
class Snippets:
    """Makes the HTML of rows; without a snippet it makes none."""

    job: Job
    snippet: Snippet | None

    @classmethod
    def of_sheet(cls, job: Job, headers: Sequence[str]) -> Snippets:
        """For the rows of a sheet with these headers. What is wrong with the template is told when rows are built."""
        if HTML_COLUMN not in job.output.columns:
            return cls(job, None)
        try:
            return cls(job, Snippet.compiled(job.output.html, map_headers(headers, job)))
        except TemplateProblem:
            return cls(job, None)

    def html(self, result: Result, row: SheetRow | None) -> str | None:
        """The HTML of a finished row; None for any other, and where there is nothing to show."""
        return self._made(result, row)[0]

    def with_note(self, result: Result, row: SheetRow | None) -> tuple[Result, str | None]:
        """The result, with a note when its HTML cannot be made, and the HTML."""
        html, problem = self._made(result, row)
        if not problem:
            return result, html
        return replace(result, note="; ".join(filter(None, (result.note, f"no {HTML_COLUMN}: {problem}")))), None

    def _made(self, result: Result, row: SheetRow | None) -> tuple[str | None, str]:
        if self.snippet is None or result.status is not Status.SUCCEEDED:
            return None, ""
        try:
            return self.snippet.html(row, _known(self.job, result)), ""
        except TemplateProblem as problem:
            return None, problem.message


def _known(job: Job, result: Result) -> dict[str, str]:
    """What a snippet can say of a finished video. A simulated one has no page: its file stands for it."""
    details = result.details
    files = {kind: _address(job, stored_path(result, kind)) for kind in DOWNLOADS}
    page = files["video"] if job.simulated else result.page_url
    return files | {
        "page": page or "",
        "title": (details.title if details else None) or "",
        "id": result.row_id,
        "seconds": "" if result.duration_s is None else f"{result.duration_s:g}",
    }


def _address(job: Job, path: str | None) -> str:
    """A stored file as HTML can point to it."""
    if path is None:
        return ""
    return file_link(job, path) or quote(file_place(job, path) or "")
