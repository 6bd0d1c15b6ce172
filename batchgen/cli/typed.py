"""What was typed, to be typed again: a command that was refused is advised with all that limits it."""

from __future__ import annotations

from collections.abc import Iterator

import typer

SAID_AGAIN_OTHERWISE = frozenset({"yes", "json", "simulate", "row"})


def typed_options(context: typer.Context) -> list[str]:
    """The options of the command line, but for those that ask for a yes, JSON, the simulator, or one row of a plan."""
    return [
        word
        for parameter in context.command.params
        if parameter.param_type_name == "option" and parameter.name not in SAID_AGAIN_OTHERWISE
        if _was_typed(context, parameter.name or "")
        for word in _words(parameter.opts[0], context.params[parameter.name or ""])
    ]


def _was_typed(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _words(option: str, value: object) -> Iterator[str]:
    if value is True:
        yield option
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from (option, str(each))
    elif isinstance(value, float):
        yield from (option, f"{value:.12g}")
    else:
        yield from (option, str(value))
