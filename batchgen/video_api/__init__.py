"""The wire: the provider's video API over httpx, and what its answers mean."""

from batchgen.video_api.answers import PAYMENT_FAILURES
from batchgen.video_api.batch_reading import BatchItem
from batchgen.video_api.catalogue import Account, Look, ProviderTemplate, Voice
from batchgen.video_api.client import STATUSES_AT_ONCE, VideoApi, chunks_of
from batchgen.video_api.create import BATCHES, LEGACY, VIDEOS, Create, Reads, Route, reads_of, route_at, route_of
from batchgen.video_api.file_body import UploadFile
from batchgen.video_api.files import Body, FileHost
from batchgen.video_api.legacy_reading import ROUTE_GONE
from batchgen.video_api.links import LinkState, LinkTrouble, check_links
from batchgen.video_api.outcomes import (
    Accepted,
    AccountProblem,
    Cause,
    CreateOutcome,
    Deferred,
    InDoubt,
    Rejected,
    RenderState,
    Video,
)
from batchgen.video_api.uploading import SMALL_BYTES, UploadTarget
from batchgen.video_api.webhooks import WebhookApi, WebhookEndpoint

__all__ = [
    "BATCHES",
    "LEGACY",
    "PAYMENT_FAILURES",
    "ROUTE_GONE",
    "SMALL_BYTES",
    "STATUSES_AT_ONCE",
    "VIDEOS",
    "Accepted",
    "Account",
    "AccountProblem",
    "BatchItem",
    "Body",
    "Cause",
    "Create",
    "CreateOutcome",
    "Deferred",
    "FileHost",
    "InDoubt",
    "LinkState",
    "LinkTrouble",
    "Look",
    "ProviderTemplate",
    "Reads",
    "Rejected",
    "RenderState",
    "Route",
    "UploadFile",
    "UploadTarget",
    "Video",
    "VideoApi",
    "Voice",
    "WebhookApi",
    "WebhookEndpoint",
    "check_links",
    "chunks_of",
    "reads_of",
    "route_at",
    "route_of",
]
