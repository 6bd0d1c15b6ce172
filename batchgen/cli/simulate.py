"""``batchgen simulate``: the simulated provider as a server on this machine."""

from __future__ import annotations

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
            output.say(f"Simulated provider at {simulator.url} (Ctrl-C stops it). In another terminal:")
            output.say(f"  HEYGEN_API_BASE={simulator.url} HEYGEN_API_KEY=anything batchgen run JOB")

        with simulator_errors():
            simulator.run_forever(ready)
        return Outcome(exit=Exit.DONE, facts={"state": str(state), "next": None})

    carry_out(output, work)
