"""README says what the program does, and all of it."""

from __future__ import annotations

import re
import shutil
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import pandas
import pytest

from batchgen.cli.exits import Exit
from batchgen.fields import BY_PATH, FIELDS, Field
from batchgen.job import MORE_COLUMNS, RESULT_COLUMNS, load_job
from batchgen.job.settings import Media, Output, Pacing, Prices, Provider, Retry, Submit, Webhooks
from batchgen.simulator.faults import parse_faults
from batchgen.template.operations import filters
from batchgen.template.work import Work
from tests.batchgen_process import batchgen

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
SAMPLES = Path(__file__).parents[1] / "sample_jobs"
TOML_BLOCKS = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
(JOB_FILE,) = (block for block in TOML_BLOCKS if "[request]" in block)
(FAULTS,) = (block for block in TOML_BLOCKS if "[[fault]]" in block)


def test_the_job_file_in_readme_is_a_job_file(tmp_path: Path) -> None:
    (tmp_path / "job.toml").write_text(JOB_FILE, encoding="utf-8")
    job = load_job(tmp_path)
    assert job.name == "welcome"
    assert job.columns == {"Voice": "voice_id", "Title": False}


def test_the_job_file_in_readme_shows_every_key() -> None:
    shown = tomllib.loads(JOB_FILE)
    assert set(shown) >= {"name", "sheet", "tab", "header_row", "id", "only_if", "ledger", "request", "columns"}
    tables: dict[str, Any] = {"output": Output, "pacing": Pacing, "retry": Retry, "provider": Provider}
    tables |= {"price": Prices, "webhooks": Webhooks, "media": Media, "submit": Submit}
    for table, made in tables.items():
        assert set(shown[table]) == {entry.name for entry in fields(made) if entry.compare}, table


def test_the_values_called_defaults_are_the_defaults() -> None:
    shown = tomllib.loads(JOB_FILE)
    assert shown["pacing"] == {entry.name: entry.default for entry in fields(Pacing)}
    assert shown["retry"] == {entry.name: entry.default for entry in fields(Retry)}
    assert shown["output"]["title_marker"] is Output.title_marker
    assert shown["output"]["report_every_s"] == Output.report_every_s


def test_the_python_in_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    shutil.copytree(SAMPLES / "welcome", tmp_path / "welcome")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"df": pandas.DataFrame({"customer_id": [1], "first_name": ["Anna"]})}
    exec(code, names)
    assert len(names["plan"].to_send) == 5
    assert batchgen("plan", "spring", "--json", folder=tmp_path).json["to_send"] == 1


def test_readme_lists_every_request_field() -> None:
    listed = re.findall(r"^\| `([a-z_.*]+)` \| ", README, re.MULTILINE)
    told_once = [field.path for field in FIELDS if not _is_of_a_scene_and_known(field)]
    columns = (*RESULT_COLUMNS, *MORE_COLUMNS)
    assert [path for path in listed if path not in columns] == told_once
    assert [column for column in listed if column in columns] == list(columns)


def _is_of_a_scene_and_known(field: Field) -> bool:
    """Whether it is the field of the same name and meaning, within a scene."""
    twin = BY_PATH.get(field.path.removeprefix("scenes.*."))
    return field.path.startswith("scenes.*.") and twin is not None and twin.note == field.note


def test_readme_lists_every_exit_code() -> None:
    for code in Exit:
        assert f"| {code.value} | {code.meaning} |" in README


def test_readme_lists_every_filter() -> None:
    (listed,) = re.findall(r"the filters `([^`]+)`", README)
    assert set(listed.split()) == set(filters(Work())) - {"d"}


def test_the_fault_file_in_readme_is_one() -> None:
    assert len(parse_faults(tomllib.loads(FAULTS))) == 2


def test_every_command_is_in_readme(tmp_path: Path) -> None:
    said = batchgen("--help", folder=tmp_path).stdout
    commands = re.findall(r"^  ([a-z]+)  ", said[said.index("Commands:") :], re.MULTILINE)
    assert len(commands) >= 4
    for command in commands:
        assert f"`batchgen {command}" in README


def test_every_option_of_run_is_in_readme(tmp_path: Path) -> None:
    said = batchgen("run", "--help", folder=tmp_path).stdout
    for option in set(re.findall(r"--[a-z-]+", said)) - {"--help"}:
        assert f"`{option}" in README, option
