"""Pictures and recordings on this computer: where they may lie, what they hold, and whether the provider takes them."""

from batchgen.media.content import ContentType
from batchgen.media.file import LocalFile
from batchgen.media.folders import MediaFolders, looks_like_path
from batchgen.media.reference import REFERENCE, content_reference, digest_of
from batchgen.media.uses import ANY_MEDIA, PICTURE, RECORDING, REFERENCE_MATERIAL, VIDEO, Use

__all__ = [
    "ANY_MEDIA",
    "PICTURE",
    "RECORDING",
    "REFERENCE",
    "REFERENCE_MATERIAL",
    "VIDEO",
    "ContentType",
    "LocalFile",
    "MediaFolders",
    "Use",
    "content_reference",
    "digest_of",
    "looks_like_path",
]
