"""``import batchgen`` is light, and every public name is there."""

from __future__ import annotations

import subprocess
import sys

import pytest

import batchgen


@pytest.mark.parametrize("name", batchgen.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(batchgen, name).__name__ == name


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'render'"):
        batchgen.render  # noqa: B018


def test_importing_batchgen_imports_nothing_else_of_it() -> None:
    code = "import batchgen, sys; print([name for name in sys.modules if name.startswith('batchgen.')])"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"
