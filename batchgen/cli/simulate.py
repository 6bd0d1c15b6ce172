"""``batchgen simulate``: the simulated provider as a server on this machine."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from batchgen.cli.exits import Exit
from batchgen.cli.output import Outcome, Output, carry_out

DEFAULT_STATE = Path(".batchgen/simulator")


def simulate(
    state: Annotated[Path, typer.Option(help="Folder that holds what the simulator remembers.")] = DEFAULT_STATE,
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.", min=0, max=65535)] = 8787,
    clock_speed: Annotated[float, typer.Option(help="Simulated seconds per second.", min=0.1, max=100_000)] = 1.0,
    faults: Annotated[Path | None, typer.Option(help="Scripted faults (TOML).")] = None,
    static: Annotated[bool, typer.Option("--static", help="One ready-made clip for every video.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout at the end.")] = False,
) -> None:
    """Serve the simulated provider until Ctrl-C."""
    output = Output(json)

    def work() -> Outcome:
        from batchgen.cli.world import simulator_errors
        from batchgen.simulator import Simulator

        simulator = Simulator(
            state=state, clock_speed=clock_speed, faults=faults, render="static" if static else "storyboard", port=port
        )

        def ready() -> None:
            output.say(f"Simulated provider at {simulator.url} (Ctrl-C stops it), for other programs and for tests.")
            output.say("To preview a job you need no server: batchgen run JOB --simulate")

        with simulator_errors():
            simulator.run_forever(ready)
        again = shlex.join(["batchgen", "simulate", "--state", str(state)])
        return Outcome(exit=Exit.DONE, facts={"state": str(state), "next": again}, text=f"Next: {again}")

    carry_out(output, work, next_command="batchgen simulate --port 0")
