"""A command that needs no heavy library does not wait for one."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {
    "PIL",
    "aiohttp",
    "alembic",
    "av",
    "httpx",
    "numpy",
    "openpyxl",
    "pandas",
    "sqlalchemy",
    "starlette",
    "uvicorn",
}

PROGRAM = """
import json, sys
from batchgen.cli import main
sys.argv[1:] = {arguments!r}
try:
    main()
except SystemExit:
    pass
print(json.dumps([name for name in sys.modules if "." not in name]))
"""


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["run", "--help"], ["init"]], ids=" ".join)
def test_nothing_heavy_is_loaded_for(arguments: list[str]) -> None:
    program = [sys.executable, "-c", PROGRAM.format(arguments=arguments)]
    ended = subprocess.run(program, capture_output=True, text=True, check=True)
    loaded = set(json.loads(ended.stdout.splitlines()[-1]))
    assert "batchgen" in loaded
    assert loaded & HEAVY == set()
