"""The command line within the test's own process, where a hundred process starts would take too long."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from typer.testing import CliRunner

from batchgen.cli.app import app
from tests.batchgen_process import NO_CONFIG, Ended


def batchgen_here(*arguments: object, env: Mapping[str, str] | None = None) -> Ended:
    """``batchgen`` with these arguments; ``env`` comes on top of an environment without our variables."""
    none_of_ours = {
        "HEYGEN_API_KEY": None,
        "HEYGEN_API_BASE": None,
        "BATCHGEN_LEDGER": None,
        "XDG_CONFIG_HOME": NO_CONFIG,
    }
    result = CliRunner().invoke(app, [str(each) for each in arguments], env={**none_of_ours, **(env or {})})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ended(code=result.exit_code, stdout=result.stdout, stderr=result.stderr)


def every_file(folder: Path) -> dict[Path, bytes]:
    """All files below a folder with their bytes; empty folders count, too."""
    return {path: path.read_bytes() if path.is_file() else b"" for path in folder.rglob("*")}
