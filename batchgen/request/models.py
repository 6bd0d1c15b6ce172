"""The shape of each kind of request, made from the list of fields: what may stand where, and bounds.

Unknown fields are refused, as the API refuses them. A scene and a template's variable have a shape of their own, by
what they are. What several fields say together is in `rules`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, assert_never

from pydantic_core import SchemaValidator, ValidationError, core_schema

from batchgen.fields import (
    ARMS,
    EACH,
    FIELDS,
    LISTS,
    STUDIO,
    TEMPLATE,
    VARIABLE_TYPES,
    VIDEO_ARMS,
    Bounds,
    Field,
    Kind,
    SceneKind,
)
from batchgen.request.pieces import Piece, arm_of, pieces_of
from batchgen.request.problems import FieldProblem
from batchgen.request.wording import problem_of_shape, unclear_piece

ID_PATTERN = r"^[^\s/\\]+$"
LINK_PATTERN = r"^(?i:https?)://[^\s/?#]+([/?#]\S*)?$"
COLOR_PATTERN = r"^#[0-9A-Fa-f]{6}$"
NUMBER_PATTERN = r"^[1-9][0-9]{0,2}$"

LARGEST = 1e15
"""Of numbers without another bound, either way: larger ones lose digits on their way, or are no JSON any more."""

PIECES = {"scenes": STUDIO, "variables": TEMPLATE}

Names = dict[str, "Names | Field"]


def shape_problems(payload: Mapping[str, Any]) -> list[FieldProblem]:
    """Everything in the payload (in normal form) that no request of its kind may hold, or that is missing."""
    arm = arm_of(payload)
    validator = _BY_ARM.get(arm, _ANY_ARM) if isinstance(arm, str) else _ANY_ARM
    problems = _found(validator, payload, "", payload)
    for piece in pieces_of(payload):
        if piece.kind is None and isinstance(piece.fields, Mapping):
            problems.append(unclear_piece(piece))
        problems += _found(_of_piece(piece), piece.fields, f"{piece.path}.", payload)
    return problems


def _found(validator: SchemaValidator, fields: Any, prefix: str, payload: Mapping[str, Any]) -> list[FieldProblem]:
    try:
        validator.validate_python(fields)
    except ValidationError as invalid:
        return [
            problem_of_shape(
                f"{prefix}{'.'.join(map(str, error['loc']))}".rstrip("."), error["type"], error["input"], payload
            )
            for error in invalid.errors(include_url=False, include_context=False)
        ]
    return []


def _of_piece(piece: Piece) -> SchemaValidator:
    if piece.path.startswith("scenes."):
        return _BY_SCENE.get(piece.kind or "", _ANY_SCENE)
    return _BY_VARIABLE.get(piece.kind or "", _ANY_VARIABLE)


def _validator(arms: frozenset[str]) -> SchemaValidator:
    """The validator of one arm; of several arms together, when it is not known which one is meant."""
    fields = [
        field
        for field in FIELDS
        if field.arms & arms and field.kind is not Kind.AUDIO and field.path.split(".")[0] not in PIECES
    ]
    certain = {field.path for field in fields if field.required and field.arms >= arms}
    if len(arms) == 1:
        certain |= {name for name, bounds in LISTS.items() if bounds.required}
    names = _nested(fields)
    for name, arm in PIECES.items():
        if arm in arms:
            names[name] = {EACH: {}}
    return SchemaValidator(_object(names, "", certain))


def _piece_validator(prefix: str, kinds: Iterable[str]) -> SchemaValidator:
    """The validator of one kind of scene or variable; of all kinds, when it is not known which one is meant."""
    kinds = frozenset(kinds)
    fields = [
        replace(field, path=field.path.removeprefix(prefix))
        for field in FIELDS
        if field.path.startswith(prefix)
        and field.kind is not Kind.AUDIO
        and (not field.goes_with or field.goes_with & kinds)
    ]
    is_certain = len(kinds) == 1
    certain = {field.path for field in fields if field.required and (is_certain or "." in field.path)}
    # What a variable is follows from its parts, like a scene's type.
    return SchemaValidator(_object(_nested(fields), "", certain - {"type"}))


def _nested(fields: Iterable[Field]) -> Names:
    """Dotted paths as a tree. A field that is an object (an asset, a background) gives way to its parts."""
    tree: Names = {}
    for field in fields:
        *parents, name = field.path.split(".")
        branch: Names | Field = tree
        for parent in parents:
            branch = branch.setdefault(parent, {}) if isinstance(branch, dict) else branch
        # Where it is not known which arm is meant, avatar_id stands for the list of looks, too.
        if isinstance(branch, dict):
            branch.setdefault(name, {} if field.is_object else field)
    return tree


def _object(names: Names, prefix: str, required: set[str]) -> core_schema.CoreSchema:
    return core_schema.typed_dict_schema(
        {
            name: core_schema.typed_dict_field(
                _part(part, f"{prefix}{name}", required), required=f"{prefix}{name}" in required
            )
            for name, part in names.items()
        },
        extra_behavior="forbid",
    )


def _part(part: Names | Field, path: str, required: set[str]) -> core_schema.CoreSchema:
    if isinstance(part, Field):
        return _leaf(part)
    if EACH not in part:
        return _object(part, f"{path}.", required)
    item = part[EACH]
    of_item = core_schema.any_schema() if path in PIECES else _part(item, f"{path}.{EACH}", required)
    if path not in LISTS:
        return core_schema.dict_schema(core_schema.str_schema(min_length=1), of_item)
    return _numbered(of_item, LISTS[path])


def _numbered(item: core_schema.CoreSchema, bounds: Bounds) -> core_schema.CoreSchema:
    number = core_schema.str_schema(pattern=NUMBER_PATTERN)
    return core_schema.dict_schema(number, item, min_length=bounds.least, max_length=bounds.most)


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
            return _number(field)
        case Kind.ASSET | Kind.ASSETS | Kind.BACKGROUND | Kind.CAPTION | Kind.AUDIO:
            raise AssertionError(f"{field.path} stands for others; they are the leaves")
        case _:
            assert_never(field.kind)


def _number(field: Field) -> core_schema.CoreSchema:
    least = -LARGEST if field.minimum is None else field.minimum
    most = LARGEST if field.maximum is None else field.maximum
    if field.whole:
        return core_schema.int_schema(strict=True, ge=int(least), le=int(most))
    if field.exclusive_minimum:
        return core_schema.float_schema(strict=True, allow_inf_nan=False, gt=least, le=most)
    return core_schema.float_schema(strict=True, allow_inf_nan=False, ge=least, le=most)


_BY_ARM = {arm: _validator(frozenset({arm})) for arm in ARMS}
_ANY_ARM = _validator(VIDEO_ARMS)
_BY_SCENE = {str(kind): _piece_validator("scenes.*.", {kind}) for kind in SceneKind}
_ANY_SCENE = _piece_validator("scenes.*.", SceneKind)
_BY_VARIABLE = {kind: _piece_validator("variables.*.", {kind}) for kind in VARIABLE_TYPES}
_ANY_VARIABLE = _piece_validator("variables.*.", VARIABLE_TYPES)
