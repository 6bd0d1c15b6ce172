"""``python -m tests.crash --trials N --seed S [--jobs J]``: seeded trials, their figures, failing scripts."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from tests.crash.drawing import draw
from tests.crash.figures import Figures
from tests.crash.trial import Trial, carry_out
from tests.crash.world import memory_folder


def main() -> int:
    """0 when every trial held."""
    options = _options()
    numbers = [options.only] if options.only is not None else range(options.first, options.first + options.trials)
    figures = Figures()
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="batchgen-trials-", ignore_cleanup_errors=True) as root:
        for trial in _trials(options.seed, numbers, Path(root), options.jobs):
            figures.add(trial)
            if trial.failure:
                _tell(trial)
            if figures.trials % 500 == 0:
                print(figures.line(), flush=True)
    print(figures.text())
    return 1 if figures.failed else 0


def _trials(seed: int, numbers: range | list[int], root: Path, jobs: int) -> Iterator[Trial]:
    with ThreadPoolExecutor(jobs) as pool:
        waiting = {pool.submit(carry_out, draw(seed, number), root / str(number)) for number in numbers}
        for done in as_completed(waiting):
            yield done.result()


def _tell(trial: Trial) -> None:
    script = trial.script
    print(f"\n### seed {script.seed}, trial {script.number} FAILED")
    print(trial.failure)
    print(trial.story)
    print(json.dumps(script.facts(), default=str))
    print(f"again: python -m tests.crash --seed {script.seed} --only {script.number}\n", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first trial")
    parser.add_argument("--only", type=int, help="this trial alone")
    parser.add_argument("--jobs", type=int, default=4, help="trials at the same time; most of a trial is waiting")
    parser.add_argument("--folder", type=Path, default=memory_folder(), help="where worlds live")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
