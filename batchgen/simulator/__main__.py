"""``python -m batchgen.simulator``: the simulator as a process of its own."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from batchgen.simulator.server import Simulator
from batchgen.simulator.settings import Account


def main() -> int:
    """Serve until a signal; say where as one JSON line."""
    options = _options()
    simulator = Simulator(
        state=options.state,
        clock_speed=options.clock_speed,
        faults=options.faults,
        render=options.render,
        port=options.port,
        account=Account(
            concurrency=options.concurrency, credit_usd=options.credit_usd, key=options.key, rules=options.rules
        ),
    )

    def announce() -> None:
        line = {"url": simulator.url, "pid": os.getpid(), "token": simulator.token}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()

    try:
        simulator.run_forever(announce)
    except (OSError, ValueError) as exc:
        sys.stderr.write(f"{exc}\n")
        return 2
    return 0


def _options() -> argparse.Namespace:
    account = Account()
    parser = argparse.ArgumentParser(prog="python -m batchgen.simulator", description=__doc__)
    parser.add_argument("--state", type=Path, required=True, help="folder for all that must survive")
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    parser.add_argument("--clock-speed", type=float, default=1.0, help="provider seconds per second")
    parser.add_argument("--faults", type=Path, help="fault file (TOML)")
    parser.add_argument("--render", choices=("storyboard", "static"), default="storyboard")
    parser.add_argument("--concurrency", type=int, default=account.concurrency)
    parser.add_argument("--credit-usd", type=float, default=account.credit_usd)
    parser.add_argument("--key", help="the only right API key; any, when not given")
    parser.add_argument("--rules", choices=("newest", "original"), default=account.rules)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
