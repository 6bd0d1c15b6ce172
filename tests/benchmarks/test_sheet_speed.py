"""Reading, planning and writing 100,000 × 20 sheets, against the tools that set the floor. Prints; never fails on time.

Every figure is one fresh process (its own peak memory); the compared ones take turns, the median counts.
"""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]

ROWS, COLUMNS, ROUNDS = 100_000, 20, 3

MEASURE = """
import re, sys, time
from pathlib import Path
path = Path(sys.argv[1])
{setup}
begun = time.process_time()
{work}
seconds = time.process_time() - begun
status = Path("/proc/self/status")  # ru_maxrss would count what the parent process held
peak = re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1] if status.exists() else 0
print(seconds, int(peak) / 1024)
"""
OUR_CELLS = """
from batchgen.sheet import read_sheet, write_results
import hashlib
from datetime import datetime
columns = ["video_status", "video_id", "video_page", "video_file", "video_duration_s", "video_cost_usd",
           "video_note", "video_updated_at"]
cells = {n: dict(zip(columns, ["succeeded", f"v{n}", f"https://app.test/{n}", f"videos/{n}.mp4", 12.5, 0.42, "",
                               datetime(2026, 11, 22, 9, n % 60)])) for n in range(2, 100_002)}
"""
OUR_PLAN = """
import contextlib, os
from batchgen.cli import main
sys.argv = ["batchgen", "plan", str(path), "--offline", "--json"]
"""
JOB = """
sheet = "s.xlsx"
id = "header 0"

[request]
avatar_id = "Anna_public"
title = "For {{ header_6 }}"
script = "Hi {{ header_7 }}, this is about {{ header_10 }}. See you on {{ header_3 }}."
"""
WORK = {
    "ours, read": ("from batchgen.sheet import read_sheet", "sheet = read_sheet(path)"),
    "calamine, to_python": (
        "from python_calamine import CalamineWorkbook",
        "rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()",
    ),
    "ours, the whole command": (
        OUR_PLAN,
        "with open(os.devnull, 'w') as nowhere, contextlib.redirect_stdout(nowhere), contextlib.suppress(SystemExit):\n"
        "    main()",
    ),
    "calamine, to_python of its sheet": (
        "from python_calamine import CalamineWorkbook",
        "rows = CalamineWorkbook.from_path(str(path.with_suffix('.xlsx'))).get_sheet_by_index(0).to_python()",
    ),
    "csv.reader": (
        "import csv",
        "with path.open(encoding='utf-8', newline='') as file: rows = list(csv.reader(file))",
    ),
    "ours, write": (
        OUR_CELLS + "digest = hashlib.sha256(path.read_bytes()).hexdigest()",
        "write_results(path, path.with_name('out' + path.suffix), tab=None, header_row=1, columns=columns, "
        "cells=cells, expect_digest=digest)",
    ),
    "unzip and zip": (
        "import zipfile",
        "with zipfile.ZipFile(path) as old, zipfile.ZipFile(path.with_name('out.zip'), 'w', 8) as new:\n"
        "    for name in old.namelist():\n"
        "        with old.open(name) as source, new.open(name, 'w') as target:\n"
        "            while chunk := source.read(1 << 20): target.write(chunk)",
    ),
    "openpyxl, load and save": (
        "import openpyxl",
        "book = openpyxl.load_workbook(path)\ntab = book.active\n"
        "for row in range(2, 100_002):\n    for column in range(21, 29): tab.cell(row, column).value = 'x'\n"
        "book.save(path.with_name('out2.xlsx'))",
    ),
}


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One workbook and one CSV of the same rows."""
    folder = tmp_path_factory.mktemp("speed")
    values = random.Random(1)
    book = xlsxwriter.Workbook(str(folder / "s.xlsx"))
    tab = book.add_worksheet()
    zeros, day = book.add_format({"num_format": "00000"}), book.add_format({"num_format": "yyyy-mm-dd"})
    with (folder / "s.csv").open("w", encoding="utf-8") as text:
        for row in range(ROWS + 1):
            line: list[str | float] = [f"header {column}" for column in range(COLUMNS)]
            if row:
                numbers = [
                    row,
                    values.randint(1, 10**6),
                    values.randint(1, 10**6),
                    40_000 + row % 5000,
                    values.random(),
                ]
                line = [*numbers, *(f"text {values.randint(1, 500)}" for _ in range(5))]
                line += [f"row {row}, column {column}, some words" for column in range(10, COLUMNS)]
            tab.write_row(row, 0, line)
            if row:
                tab.write_number(row, 0, row, zeros)
                tab.write_number(row, 3, 40_000 + row % 5000, day)
            text.write(",".join(f'"{cell}"' if "," in str(cell) else str(cell) for cell in line) + "\n")
    book.close()
    return folder


def measured(name: str, path: Path) -> tuple[float, float]:
    """Seconds of processor time and peak megabytes of one run."""
    setup, work = WORK[name]
    code = MEASURE.format(setup=setup, work=work)
    run = subprocess.run([sys.executable, "-c", code, str(path)], check=True, capture_output=True, text=True)
    seconds, megabytes = run.stdout.split()
    return float(seconds), float(megabytes)


def compare(path: Path, ours: str, others: list[str], rounds: int = ROUNDS) -> None:
    figures: dict[str, list[tuple[float, float]]] = {name: [] for name in (ours, *others)}
    for _ in range(rounds):
        for name, runs in figures.items():
            runs.append(measured(name, path))
    medians = {
        name: [statistics.median(column) for column in zip(*runs, strict=True)] for name, runs in figures.items()
    }
    for name, (seconds, megabytes) in medians.items():
        times, memory = (medians[ours][part] / medians[name][part] for part in (0, 1))
        print(
            f"\n{path.suffix} {name}: {seconds:.2f} s, {megabytes:.0f} MB; ours is {times:.2f} x, {memory:.2f} x",
            end="",
        )


@pytest.mark.benchmark
@pytest.mark.timeout(1200)
def test_reading_a_workbook_against_calamine(sheets: Path) -> None:
    compare(sheets / "s.xlsx", "ours, read", ["calamine, to_python"])


@pytest.mark.benchmark
@pytest.mark.timeout(1200)
def test_planning_a_workbook_against_calamine(sheets: Path) -> None:
    """The whole command: libraries are loaded, the sheet is read, every row is built, proofread and priced."""
    (sheets / "s.toml").write_text(JOB, encoding="utf-8")
    compare(sheets / "s.toml", "ours, the whole command", ["calamine, to_python of its sheet"])


@pytest.mark.benchmark
@pytest.mark.timeout(1200)
def test_reading_a_text_file_against_the_csv_module(sheets: Path) -> None:
    compare(sheets / "s.csv", "ours, read", ["csv.reader"])


@pytest.mark.benchmark
@pytest.mark.timeout(1200)
def test_writing_results_against_zipping_anew(sheets: Path) -> None:
    compare(sheets / "s.xlsx", "ours, write", ["unzip and zip"])


@pytest.mark.benchmark
@pytest.mark.timeout(1200)
def test_writing_results_over_those_of_before_against_zipping_anew(sheets: Path) -> None:
    """The common case: from the second write on, our columns are there."""
    measured("ours, write", sheets / "s.xlsx")
    compare((sheets / "out.xlsx").rename(sheets / "again.xlsx"), "ours, write", ["unzip and zip"])


@pytest.mark.benchmark
@pytest.mark.timeout(1200)
def test_writing_results_against_openpyxl(sheets: Path) -> None:
    compare(sheets / "s.xlsx", "ours, write", ["openpyxl, load and save"], rounds=1)
