"""Files that the job asks for and a request does not lead to (GET /v3/videos/{id}: the link stays null)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from batchgen.request.problems import FieldProblem


def never_made(download: Collection[str], payload: Mapping[str, Any]) -> Iterator[FieldProblem]:
    """What the provider will not give for this request, and how to get it."""
    if "captioned_video" in download and not _burns_captions_in(payload.get("caption")):
        yield FieldProblem(
            path="caption.style",
            message="There will be no captioned_video ([output] download): these rows ask for no captions.",
            hint='Write caption = "default", or leave captioned_video out of download.',
        )
    if "subtitles" in download and payload.get("type") == "cinematic_avatar":
        yield FieldProblem(
            path="type",
            message="There will be no subtitles ([output] download): cinematic videos have no script.",
            hint="Leave subtitles out of download.",
        )


def _burns_captions_in(caption: Any) -> bool:
    """A provider's template says yes or no; every other request names a style."""
    return caption is True or (isinstance(caption, Mapping) and bool(caption.get("style")))
