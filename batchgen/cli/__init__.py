"""The command line."""

from batchgen.cli.app import main

__all__ = ["main"]
