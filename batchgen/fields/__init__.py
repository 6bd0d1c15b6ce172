"""The one list of request fields: names, kinds, bounds and a line for people.

Sources: the Create Video page (POST /v3/videos, all four arms) and the page of the provider's templates
(POST /v3/templates/{template_id}). Columns, job files, the request's checks and the template workbook all read this
list; none has another.
"""

from batchgen.fields.field import (
    ARMS,
    AVATAR,
    BOTH_ARMS,
    CINEMATIC,
    EACH,
    IMAGE,
    STUDIO,
    TEMPLATE,
    VIDEO_ARMS,
    Bounds,
    Field,
    Kind,
    SceneKind,
)
from batchgen.fields.lookup import (
    BY_PATH,
    FIELDS,
    LISTS,
    SCENE_SHORTHANDS,
    SHORTHANDS,
    STANDS_FOR,
    field_at,
    field_for_header,
    is_of_first_page,
    path_of_header,
    pattern_of,
    scene_words,
)
from batchgen.fields.parsing import NotParsed, not_a_choice, number_range, parse
from batchgen.fields.template_fields import CONTENT_OF, VARIABLE_TYPES
from batchgen.fields.video_fields import ELEVENLABS_MODELS, ENGINES, FISH_MODELS, SCRIPT_MAX_CHARS
from batchgen.fields.words import closest, normal

__all__ = [
    "ARMS",
    "AVATAR",
    "BOTH_ARMS",
    "BY_PATH",
    "CINEMATIC",
    "CONTENT_OF",
    "EACH",
    "ELEVENLABS_MODELS",
    "ENGINES",
    "FIELDS",
    "FISH_MODELS",
    "IMAGE",
    "LISTS",
    "SCENE_SHORTHANDS",
    "SCRIPT_MAX_CHARS",
    "SHORTHANDS",
    "STANDS_FOR",
    "STUDIO",
    "TEMPLATE",
    "VARIABLE_TYPES",
    "VIDEO_ARMS",
    "Bounds",
    "Field",
    "Kind",
    "NotParsed",
    "SceneKind",
    "closest",
    "field_at",
    "field_for_header",
    "is_of_first_page",
    "normal",
    "not_a_choice",
    "number_range",
    "parse",
    "path_of_header",
    "pattern_of",
    "scene_words",
]
