"""Shapes of JSON values as data, and the one check that walks a value along its shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from batchgen.simulator.answers import ApiError


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """A string."""

    minimum: int = 0
    maximum: int | None = None
    nullable: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Number:
    """A number between two bounds; ``above`` is an exclusive lower one."""

    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    whole: bool = False
    nullable: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Flag:
    """true or false."""

    nullable: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """One of some words."""

    of: tuple[str, ...]
    nullable: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """An object with exactly these fields."""

    fields: Mapping[str, Shape]
    required: tuple[str, ...] = ()
    nullable: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Union:
    """An object whose field ``by`` says which of several records it is."""

    arms: Mapping[str, Record]
    by: str = "type"
    nullable: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Many:
    """A list."""

    item: Shape
    minimum: int = 0
    maximum: int | None = None
    nullable: bool = True


Shape = Text | Number | Flag | Choice | Record | Union | Many


def refused(path: str, message: str) -> ApiError:
    """400 ``invalid_parameter`` for one field."""
    return ApiError(400, "invalid_parameter", f"{path or 'body'}: {message}", param=path or None)


def check(shape: Shape, value: Any, path: str = "") -> None:
    """Raise the refusal of the first part of ``value`` that does not fit ``shape``."""
    if value is None:
        if not shape.nullable:
            raise refused(path, "must not be null.")
        return
    match shape:
        case Text():
            _check_text(shape, value, path)
        case Number():
            _check_number(shape, value, path)
        case Flag():
            _expect(isinstance(value, bool), path, "must be a boolean.")
        case Choice():
            _expect(value in shape.of, path, f"must be one of {', '.join(shape.of)}.")
        case Record():
            _check_record(shape, value, path)
        case Union():
            _check_union(shape, value, path)
        case Many():
            _check_many(shape, value, path)
        case _:
            assert_never(shape)


def _expect(holds: bool, path: str, message: str) -> None:
    if not holds:
        raise refused(path, message)


def _check_text(shape: Text, value: Any, path: str) -> None:
    _expect(isinstance(value, str), path, "must be a string.")
    _expect(len(value) >= shape.minimum, path, f"must have at least {shape.minimum} character(s).")
    too_long = shape.maximum is not None and len(value) > shape.maximum
    _expect(not too_long, path, f"must have at most {shape.maximum} characters.")


def _check_number(shape: Number, value: Any, path: str) -> None:
    is_number = isinstance(value, int if shape.whole else (int, float)) and not isinstance(value, bool)
    _expect(is_number, path, "must be an integer." if shape.whole else "must be a number.")
    _expect(shape.minimum is None or value >= shape.minimum, path, f"must be at least {shape.minimum}.")
    _expect(shape.above is None or value > shape.above, path, f"must be greater than {shape.above}.")
    _expect(shape.maximum is None or value <= shape.maximum, path, f"must be at most {shape.maximum}.")


def _check_record(shape: Record, value: Any, path: str) -> None:
    _expect(isinstance(value, dict), path, "must be an object.")
    for name in value:
        _expect(name in shape.fields, _inside(path, name), "Extra inputs are not permitted.")
    for name in shape.required:
        _expect(name in value, _inside(path, name), "is required.")
    for name, member in value.items():
        check(shape.fields[name], member, _inside(path, name))


def _check_union(shape: Union, value: Any, path: str) -> None:
    _expect(isinstance(value, dict), path, "must be an object.")
    arm = value.get(shape.by)
    known = isinstance(arm, str) and arm in shape.arms
    _expect(known, _inside(path, shape.by), f"must be one of {', '.join(shape.arms)}.")
    check(shape.arms[arm], value, path)


def _check_many(shape: Many, value: Any, path: str) -> None:
    _expect(isinstance(value, list), path, "must be a list.")
    _expect(len(value) >= shape.minimum, path, f"must have at least {shape.minimum} item(s).")
    too_many = shape.maximum is not None and len(value) > shape.maximum
    _expect(not too_many, path, f"must have at most {shape.maximum} items.")
    for index, item in enumerate(value):
        check(shape.item, item, f"{path}[{index}]")


def _inside(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
