"""``batchgen init``: start a job from a template."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from batchgen.cli.commands import command_for
from batchgen.cli.exits import Exit
from batchgen.cli.output import Outcome, Output, carry_out

if TYPE_CHECKING:
    from batchgen.job_template import JobTemplate


def init(
    name: Annotated[str | None, typer.Argument(help="A template; without one, all are listed.")] = None,
    folder: Annotated[
        Path | None, typer.Option(help="Where the new job goes; a folder named like the template by default.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")] = False,
) -> None:
    """Start a job from a template; nothing is overwritten."""

    if name is None:
        carry_out(Output(json), _listed)
    target = folder or Path(name)
    carry_out(Output(json), lambda: _started(name, target), next_command=_after_refusal(name, target))


def _after_refusal(name: str, folder: Path) -> str:
    """Where something is in the way, another folder; else the name is the trouble, so list the names."""
    if not folder.exists():
        return "batchgen init"
    other = folder / name if folder.name in ("", "..") else folder.with_name(f"{folder.name}-2")
    return shlex.join(["batchgen", "init", name, "--folder", str(other)])


def _listed() -> Outcome:
    from batchgen.job_template import job_templates

    templates = job_templates()
    following = f"batchgen init {templates[0].name}"
    facts = {"templates": [{"name": each.name, "summary": each.summary} for each in templates], "next": following}
    return Outcome(exit=Exit.DONE, facts=facts, text=f"{_table(templates)}\nNext: {following}")


def _table(templates: tuple[JobTemplate, ...]) -> str:
    width = max(len(template.name) for template in templates)
    return "\n".join(f"{template.name:{width}}  {template.summary}" for template in templates)


def _started(name: str, folder: Path) -> Outcome:
    from batchgen.job_template import find_template, start_job

    files = start_job(find_template(name), folder)
    simulated, real = command_for(folder, simulated=True), command_for(folder)
    facts = {"template": name, "folder": str(folder), "files": [str(file) for file in files], "next": simulated}
    lines = [
        *(f"Made {file}" for file in files),
        "Next:",
        f"  {simulated}    storyboards of all videos, free",
        f"  {real:{len(simulated)}}    the real videos; needs HEYGEN_API_KEY",
    ]
    return Outcome(exit=Exit.DONE, facts=facts, text="\n".join(lines))
