"""Sheets that are read but not written into: the results have a workbook of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from batchgen.sheet import read_sheet
from tests.cli.in_process import batchgen_here
from tests.cli.small_job import JOB
from tests.sheet.test_reading_ods import cell, ods, row

OLD = Path(__file__).parents[1] / "sheet" / "files" / "old.xls"
GREETING = JOB.replace("Hello {{ name }}, how are you today?", "{{ greeting }}")


def made(folder: Path, kind: str) -> Path:
    path = folder / f"old.{kind}"
    if kind == "xls":
        path.write_bytes(OLD.read_bytes())
    else:
        rows = [row(cell("Spring")), row(cell("id"), cell("greeting"))]
        rows += [row(cell(f"00{number}"), cell(f"Hi 00{number}, grüße")) for number in (1, 2, 3)]
        ods(path, "".join(rows))
    return path


@pytest.mark.parametrize("kind", ["ods", "xls"])
def test_a_run_leaves_the_sheet_alone_and_says_where_the_results_are(tmp_path: Path, kind: str) -> None:
    sheet = made(tmp_path, kind)
    before = sheet.read_bytes()
    settings = f'"{sheet.name}"\nheader_row = 2\nonly_if = "greeting != \'\'"'
    job = GREETING.replace('"people.csv"', settings)
    (tmp_path / "job.toml").write_text(job, encoding="utf-8")
    ended = batchgen_here("run", tmp_path, "--simulate", "--static", "--clock-speed", 200)
    assert ended.code == 0, ended.stderr
    results = tmp_path / "old.simulated.results.xlsx"
    assert f"Sheet: {results}" in ended.stdout
    assert f"results cannot be written into .{kind} files" in ended.stdout
    done = [row.cells for row in read_sheet(results).rows if "succeeded" in row.cells]
    assert [cells[1] for cells in done] == ["001", "002", "003"]
    assert sheet.read_bytes() == before
    for verb in ("status", "sync"):
        assert str(results) in batchgen_here(verb, tmp_path, "--simulate").stdout
    assert batchgen_here("status", tmp_path, "--simulate", "--json").json["results"] == str(results)
    assert batchgen_here("plan", tmp_path, "--simulate", "--json").json["to_send"] == 0
