"""The shape of each arm of POST /v3/videos, made from the list of fields: what may stand where, and bounds.

Unknown fields are refused, as the API refuses them. What several fields say together is in `rules`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

from pydantic_core import SchemaValidator, ValidationError, core_schema

from batchgen.fields import AVATAR, FIELDS, IMAGE, Field, Kind
from batchgen.request.problems import FieldProblem
from batchgen.request.wording import problem_of_shape

ID_PATTERN = r"^[^\s/\\]+$"
LINK_PATTERN = r"^(?i:https?)://[^\s/?#]+([/?#]\S*)?$"
COLOR_PATTERN = r"^#[0-9A-Fa-f]{6}$"

Names = dict[str, "Names | Field"]


def shape_problems(payload: Mapping[str, Any]) -> list[FieldProblem]:
    """Everything in the payload that no video of its type may hold, or that is missing, by itself."""
    arm = payload.get("type")
    validator = _BY_ARM.get(arm, _ANY_ARM) if isinstance(arm, str) else _ANY_ARM
    try:
        validator.validate_python(payload)
    except ValidationError as invalid:
        return [
            problem_of_shape(".".join(map(str, error["loc"])), error["type"], error["input"], payload)
            for error in invalid.errors(include_url=False, include_context=False)
        ]
    return []


def _validator(arms: set[str]) -> SchemaValidator:
    """The validator of one arm; of several arms together, when it is not known which one is meant."""
    fields = [field for field in FIELDS if field.arms & arms]
    certain = {field.path for field in fields if field.required and field.arms >= arms}
    return SchemaValidator(_object(_nested(fields), "", certain))


def _nested(fields: list[Field]) -> Names:
    """Dotted paths as a tree. A field that is an object (an asset, a background) gives way to its parts."""
    tree: Names = {}
    for field in fields:
        *parents, name = field.path.split(".")
        branch = tree
        for parent in parents:
            below = branch.setdefault(parent, {})
            assert isinstance(below, dict)
            branch = below
        branch[name] = {} if field.is_object else field
    return tree


def _object(names: Names, prefix: str, required: set[str]) -> core_schema.TypedDictSchema:
    return core_schema.typed_dict_schema(
        {
            name: core_schema.typed_dict_field(
                _object(part, f"{prefix}{name}.", required) if isinstance(part, dict) else _leaf(part),
                required=f"{prefix}{name}" in required,
            )
            for name, part in names.items()
        },
        extra_behavior="forbid",
    )


def _leaf(field: Field) -> core_schema.CoreSchema:
    match field.kind:
        case Kind.TEXT:
            # A length bound also makes the validator look inside, and refuse halves of characters.
            return core_schema.str_schema(strict=True, min_length=1, max_length=field.max_chars)
        case Kind.ID:
            return core_schema.str_schema(strict=True, pattern=ID_PATTERN)
        case Kind.LINK:
            return core_schema.str_schema(strict=True, pattern=LINK_PATTERN)
        case Kind.COLOR:
            return core_schema.str_schema(strict=True, pattern=COLOR_PATTERN)
        case Kind.FLAG:
            return core_schema.bool_schema(strict=True)
        case Kind.CHOICE:
            return core_schema.literal_schema(list(field.choices))
        case Kind.NUMBER:
            above, least = (field.minimum, None) if field.exclusive_minimum else (None, field.minimum)
            return core_schema.float_schema(strict=True, allow_inf_nan=False, gt=above, ge=least, le=field.maximum)
        case Kind.ASSET | Kind.BACKGROUND | Kind.CAPTION:
            raise AssertionError(f"{field.path} is an object; its parts are the leaves")
        case _:
            assert_never(field.kind)


_BY_ARM = {arm: _validator({arm}) for arm in (AVATAR, IMAGE)}
_ANY_ARM = _validator({AVATAR, IMAGE})
