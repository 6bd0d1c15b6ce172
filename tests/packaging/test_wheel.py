"""README's command on a fresh copy: it builds the wheel, installs it into an empty environment and runs a sample."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.batchgen_process import environment

ROOT = Path(__file__).parents[2]
INSTALL_TIMEOUT_S = 900

pytestmark = pytest.mark.timeout(2 * INSTALL_TIMEOUT_S)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a person gets who clones the project: no environment, nothing built, nothing run."""
    _need_package_index(tmp_path_factory.mktemp("index"))
    unwanted = shutil.ignore_patterns(
        ".git", ".venv", ".*_cache", ".hypothesis", "__pycache__", "dist", "build", ".batchgen", "*.simulated*"
    )
    return shutil.copytree(ROOT, tmp_path_factory.mktemp("clone") / "batchgen", ignore=unwanted)


def test_readme_holds_the_two_commands_and_ci_runs_the_second() -> None:
    assert re.search(r"^.*batchgen run sample_jobs/welcome --simulate$", _readme(), re.MULTILINE)
    assert f"\n{_line_that_ends_in('/pytest')}\n" in (ROOT / ".ci" / "run").read_text()


def test_readmes_command_installs_and_runs_the_welcome_sample_in_an_empty_environment(clone: Path) -> None:
    ran = _shell(_line_that_ends_in(" --simulate"), clone)
    assert "5 succeeded" in ran
    assert len(list((clone / "sample_jobs/welcome/videos.simulated").glob("*.mp4"))) == 5

    elsewhere = clone.parent
    command = clone / ".venv/bin/batchgen"
    assert re.fullmatch(r"batchgen \d+\.\d+\.\d+\n", _shell(f"'{command}' --version", elsewhere))
    assert "avatar" in _shell(f"'{command}' init", elsewhere)
    _shell(f"'{command}' init avatar --folder mine", elsewhere)
    assert "2 succeeded" in _shell(f"'{command}' run mine --simulate --static", elsewhere)


def test_the_wheel_holds_the_templates_and_data_and_no_tests(clone: Path, tmp_path: Path) -> None:
    _shell(f"'{sys.executable}' -m build --outdir '{tmp_path}' .", clone)
    (wheel,) = tmp_path.glob("*.whl")
    files = set(zipfile.ZipFile(wheel).namelist())
    of_templates = ("avatar/job.toml", "avatar/sheet.toml", "local-media/photos/anna.jpg")
    for expected in ("py.typed", "price/prices.toml", *(f"templates/{file}" for file in of_templates)):
        assert f"batchgen/{expected}" in files
    assert {file.partition("/")[0] for file in files} == {"batchgen", wheel.name.rpartition("-py3")[0] + ".dist-info"}


def _readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


def _line_that_ends_in(end: str) -> str:
    (line,) = (line for line in _readme().splitlines() if line.startswith("python3 -m venv") and line.endswith(end))
    return line


def _shell(line: str, folder: Path) -> str:
    ended = subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=INSTALL_TIMEOUT_S,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def _need_package_index(folder: Path) -> None:
    """Skip where packages cannot be had."""
    download = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(folder), "hatchling"]
    asked = subprocess.run(download, capture_output=True, text=True, check=False)
    if asked.returncode:
        pytest.skip(f"no package index: {asked.stderr.strip()[-200:]}")
