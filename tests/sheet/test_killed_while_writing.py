"""Killed at any moment of a write-back, the sheet is the old or the new one, whole."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]

from batchgen.sheet import read_sheet

WRITER = """
import sys
from pathlib import Path
from batchgen.sheet import read_sheet, write_results
path = Path(sys.argv[1])
sheet = read_sheet(path)
cells = {row.number: {"video_status": "succeeded", "video_note": "x" * 50} for row in sheet.rows}
print("ready", flush=True)
write_results(path, path, tab=None, header_row=1, columns=["video_status", "video_note"], cells=cells,
              expect_digest=sheet.digest)
print("written", flush=True)
"""
ROWS = 4000


def original(path: Path) -> None:
    if path.suffix == ".csv":
        path.write_text("id,text\n" + "".join(f"{n},some text {n}\n" for n in range(ROWS)))
        return
    book = xlsxwriter.Workbook(str(path))
    tab = book.add_worksheet()
    tab.write_row(0, 0, ["id", "text"])
    for number in range(ROWS):
        tab.write_row(number + 1, 0, [str(number), f"some text {number}"])
    book.close()


def writer(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def write_time(path: Path) -> float:
    """Seconds that one whole write-back takes here."""
    process = writer(path)
    begun = time.monotonic()
    assert process.communicate()[0] == "written\n"
    return time.monotonic() - begun


def kill_at(path: Path, delay: float) -> None:
    original(path)
    path.with_name(path.name + ".bak").unlink(missing_ok=True)
    process = writer(path)
    time.sleep(delay)
    process.kill()
    process.communicate()
    sheet = read_sheet(path)
    assert len(sheet.rows) == ROWS
    assert sheet.headers in (("id", "text"), ("id", "text", "video_status", "video_note"))
    if len(sheet.headers) == 4:
        assert {row.cells[2] for row in sheet.rows} == {"succeeded"}


def killed_at_moments(folder: Path, suffix: str, moments: int) -> None:
    path = folder / f"s{suffix}"
    original(path)
    whole = write_time(path)
    for moment in range(moments):
        kill_at(path, 1.2 * whole * moment / moments)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_kill_never_leaves_a_broken_sheet(tmp_path: Path, suffix: str) -> None:
    killed_at_moments(tmp_path, suffix, 8)


@pytest.mark.soak
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_hundred_kills_never_leave_a_broken_sheet(tmp_path: Path, suffix: str) -> None:
    killed_at_moments(tmp_path, suffix, 100)
