"""One row's request: the exact payload of POST /v3/videos, checked, with its fingerprint."""

from batchgen.request.normal_form import expanded
from batchgen.request.problems import FieldProblem, RequestInvalid
from batchgen.request.rules import Rulebook
from batchgen.request.video_request import VideoRequest, check, from_stored, warnings

__all__ = [
    "FieldProblem",
    "RequestInvalid",
    "Rulebook",
    "VideoRequest",
    "check",
    "expanded",
    "from_stored",
    "warnings",
]
