"""What the fork server imports once, so that a child is a running batchgen within milliseconds.

Imported for its effects, by the fork server only: it puts the process on moved time before anything can bind the
real clock.
"""

from __future__ import annotations

import functools
import gc
import importlib
import ssl

from tests.crash import moved_time

MODULES = (
    "alembic.command",
    "av",
    "PIL.Image",
    "orjson",
    "rich.console",
    "sqlalchemy.dialects.sqlite",
    "typer.main",
    "batchgen.cli.app",
    "batchgen.cli.deciding",
    "batchgen.cli.listening",
    "batchgen.cli.running",
    "batchgen.ledger.migrations",
    "batchgen.simulator.serving",
    "tests.crash.child",
    "tests.crash.mutations",
    "tests.crash.warm_up",
)


def _same_for_every_child(module: str, name: str) -> None:
    """Compute something once that is the same in every child: certificates, the tree of commands."""
    owner = importlib.import_module(module)
    setattr(owner, name, functools.cache(getattr(owner, name)))


moved_time.install()
for module in MODULES:
    importlib.import_module(module)
_same_for_every_child(ssl.__name__, "create_default_context")
_same_for_every_child("typer.main", "get_command")
importlib.import_module("tests.crash.warm_up").run_once()
gc.collect()
gc.freeze()  # children share what is there instead of copying it at their first collection
gc.disable()  # and they are too short-lived to need one
