"""The columns that a sheet can get, as data: which are there by themselves, and which a job file asks for."""

from __future__ import annotations

from collections.abc import Mapping

RESULT_COLUMNS = (
    "video_status",
    "video_id",
    "video_page",
    "video_file",
    "video_duration_s",
    "video_cost_usd",
    "video_note",
    "video_updated_at",
)
"""The result columns that every sheet gets, in their order, unless the job file leaves one out."""

NEEDED_COLUMNS = ("video_status", "video_id")
"""By these a run notices that the ledger was lost, before it pays for rows twice: they cannot be left out."""

FILE_COLUMNS: Mapping[str, str] = {
    "video_file": "video",
    "video_captioned_file": "captioned_video",
    "video_subtitles_file": "subtitles",
    "video_thumbnail_file": "thumbnail",
    "video_gif_file": "gif",
}
"""Column → the kind of file (of `DOWNLOADS`) whose place it tells."""

LINK_COLUMNS: Mapping[str, str] = {
    "video_link": "video",
    "video_captioned_link": "captioned_video",
    "video_subtitles_link": "subtitles",
    "video_thumbnail_link": "thumbnail",
    "video_gif_link": "gif",
}
"""Column → the kind of file whose link it shows: the provider's own, which expires after some days."""

HTML_COLUMN = "video_html"

MORE_COLUMNS = (
    "video_title",
    "video_folder",
    *(column for column in FILE_COLUMNS if column not in RESULT_COLUMNS),
    *LINK_COLUMNS,
    HTML_COLUMN,
)
"""The columns that a sheet gets when the job file asks for them, in their order, behind the others."""
