"""One row's request: the exact payload of POST /v3/videos, checked, with its fingerprint."""

from batchgen.request.build import Built, BuiltRow, FilteredRow, InvalidRow, RequestBuilder, build_rows
from batchgen.request.legacy import legacy_body
from batchgen.request.local_files import asset_places, digests_in, with_assets
from batchgen.request.normal_form import expanded
from batchgen.request.pieces import spoken
from batchgen.request.problems import FieldProblem, RequestInvalid
from batchgen.request.rules import Rulebook
from batchgen.request.snippet import SNIPPET_NAMES, Snippet
from batchgen.request.video_request import VideoRequest, check, warnings

__all__ = [
    "SNIPPET_NAMES",
    "Built",
    "BuiltRow",
    "FieldProblem",
    "FilteredRow",
    "InvalidRow",
    "RequestBuilder",
    "RequestInvalid",
    "Rulebook",
    "Snippet",
    "VideoRequest",
    "asset_places",
    "build_rows",
    "check",
    "digests_in",
    "expanded",
    "legacy_body",
    "spoken",
    "warnings",
    "with_assets",
]
