"""A local stand-in for the HeyGen video API that renders storyboard previews. Imports nothing of batchgen.

It serves the create, status, list, delete, account, look, voice, template and webhook routes of the API on 127.0.0.1,
with the same shapes, refusals and idempotency, ages videos on a clock that can run faster, and keeps all it accepted in
SQLite in its state folder, so that ``kill -9`` loses nothing that was answered. When a video is done it calls the
webhooks that want to know, at addresses of this machine only::

    with Simulator(state=Path("state"), clock_speed=20) as simulator:
        ...  # talk to simulator.url with any X-Api-Key

As a process of its own, printing one JSON line with its url when it answers::

    python -m batchgen.simulator --state DIR [--port N] [--clock-speed N] [--faults FILE] [--render static]

What goes wrong is scripted by a TOML file or ``PUT /simulator/faults``; ``batchgen.simulator.faults`` says how.
Control endpoints, which want the header ``X-Simulator-Token`` (the file ``token`` in the state folder):

    GET /simulator/log       every create call, download and webhook delivery, calls by route, faults fired
    PUT /simulator/faults    {"fault": [...]}: replace the fault rules
    PUT /simulator/clock     {"advance_s": 86400} and/or {"speed": 20}
    PUT /simulator/client    {"pid": 1234}: whom ``then = "kill_client"`` kills
    PUT /simulator/release   let go what is held until released

Ids that start with ``missing`` (looks, voices, assets) do not exist; links to a host ``missing.…`` cannot be fetched.
"""

from batchgen.simulator.server import Simulator, control
from batchgen.simulator.settings import Account, RenderMode

__all__ = ["Account", "RenderMode", "Simulator", "control"]
